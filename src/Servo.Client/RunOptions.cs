namespace Servo.Client;

/// <summary>How one run is made; read before <see cref="ServoClient.RunAsync"/> returns its task.</summary>
public sealed class RunOptions
{
    /// <summary>Variables of the scripts' environment; the gateway upper-cases the names and turns <c>-</c> and <c>.</c> into <c>_</c>.</summary>
    /// <value>None by default.</value>
    public IReadOnlyDictionary<string, string> Variables { get; set; } = new Dictionary<string, string>();

    /// <summary>How long to wait for the end of the run, packing, uploading and retries included; past it <see cref="ServoRequestException"/>. The run itself goes on in the gateway.</summary>
    /// <value><see cref="System.Threading.Timeout.InfiniteTimeSpan"/> by default, for no limit; else more than zero.</value>
    public TimeSpan Timeout { get; set; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>Whether the outcome holds the output lines; without them a run of any length takes constant memory, and they go to the progress alone.</summary>
    /// <value><see langword="true"/> by default.</value>
    public bool KeepLines { get; set; } = true;

    /// <summary>Whether the scripts are looked for in the bundle before it is uploaded; a bundle whose scripts write the next ones needs <see langword="false"/>.</summary>
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
