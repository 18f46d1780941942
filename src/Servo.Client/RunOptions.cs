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

    /// <summary>
    /// The locks of the run: runs with a lock in common exclude each other, in order of arrival. An older gateway ignores them.
    /// </summary>
    /// <value>None by default.</value>
    public IReadOnlyList<RunLock> Locks { get; set; } = [];

    /// <summary>
    /// The caller's own name for this one run: a second request with the same name attaches to the run of the first, and is refused (422)
    /// if it asks for anything else. An older gateway ignores it.
    /// </summary>
    /// <value><see langword="null"/> (none) by default; at most 255 ASCII characters.</value>
    public string? IdempotencyKey { get; set; }

    /// <summary>
    /// How long the run's scripts may take together; the gateway ends the run then. It can only shorten the gateway's own limit.
    /// </summary>
    /// <value>
    /// <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> (the gateway's limit) by default; otherwise at least a millisecond.
    /// </value>
    public TimeSpan RunTimeout { get; set; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>How long the run may wait for its start; it never starts then.</summary>
    /// <value><see cref="System.Threading.Timeout.InfiniteTimeSpan"/> (no limit) by default; otherwise at least a millisecond.</value>
    public TimeSpan QueueTimeout { get; set; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>
    /// Cancels the run itself: the gateway is asked to end it, and the call goes on to its end, so that the outcome says what was reached.
    /// Before a run exists, and where the gateway cannot cancel runs, the call ends as if it was cancelled itself. The call's own
    /// cancellation token only leaves the run.
    /// </summary>
    /// <value><see cref="CancellationToken.None"/> by default.</value>
    public CancellationToken RunCancellation { get; set; }

    internal void Validate()
    {
        if (Variables is null)
            throw new ArgumentException($"{nameof(RunOptions)}.{nameof(Variables)} is null.");

        if (Locks is null)
            throw new ArgumentException($"{nameof(RunOptions)}.{nameof(Locks)} is null.");

        TimeLimits.Check(nameof(RunOptions), nameof(Timeout), Timeout);
        TimeLimits.Check(nameof(RunOptions), nameof(RunTimeout), RunTimeout);
        TimeLimits.Check(nameof(RunOptions), nameof(QueueTimeout), QueueTimeout);
    }
}
