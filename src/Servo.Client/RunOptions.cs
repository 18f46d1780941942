namespace Servo.Client;

/// <summary>The options of one run; read before <see cref="ServoClient.RunAsync"/> returns its task.</summary>
public sealed class RunOptions
{
    /// <summary>
    /// Variables of the scripts' environment; the gateway upper-cases the names and turns <c>-</c> and <c>.</c> into <c>_</c>.
    /// </summary>
    /// <value>None by default.</value>
    public IReadOnlyDictionary<string, string> Variables { get; set; } = new Dictionary<string, string>();

    /// <summary>
    /// The time limit of the call, including packing, uploading and retries; when it is exceeded, the call throws
    /// <see cref="ServoRequestException"/> and the run continues in the gateway.
    /// </summary>
    /// <value><see cref="System.Threading.Timeout.InfiniteTimeSpan"/> (no limit) by default; otherwise greater than zero.</value>
    public TimeSpan Timeout { get; set; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>
    /// Whether the outcome contains the output lines. Without them, memory is constant however long the run, and only the progress receives
    /// the lines.
    /// </summary>
    /// <value><see langword="true"/> by default.</value>
    public bool KeepLines { get; set; } = true;

    /// <summary>
    /// Whether to check before the upload that the bundle contains the scripts. Set to <see langword="false"/> if scripts write the next
    /// ones.
    /// </summary>
    /// <value><see langword="true"/> by default.</value>
    public bool CheckScripts { get; set; } = true;

    internal void Validate()
    {
        if (Variables is null)
            throw new ArgumentException($"{nameof(RunOptions)}.{nameof(Variables)} is null.");

        if (Timeout <= TimeSpan.Zero && Timeout != System.Threading.Timeout.InfiniteTimeSpan)
            throw new ArgumentException($"{nameof(RunOptions)}.{nameof(Timeout)} is {Timeout}: it must be more than zero, or infinite.");
    }
}
