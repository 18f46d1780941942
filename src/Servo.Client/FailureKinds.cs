namespace Servo.Client;

/// <summary>The values of <see cref="RunFailure.Kind"/> that are known today; a later gateway may send more.</summary>
public static class FailureKinds
{
    /// <summary>The upload is not an archive of a known format, or is damaged.</summary>
    public const string BadArchive = "bad-archive";

    /// <summary>The unpacked archive exceeds the gateway's limits.</summary>
    public const string ArchiveTooLarge = "archive-too-large";

    /// <summary>An entry of the archive leads outside the run's directory, or is of a kind that is never unpacked.</summary>
    public const string UnsafeEntry = "unsafe-entry";

    /// <summary>The servo token does not open a secret of the bundle.</summary>
    public const string UndecryptableSecret = "undecryptable-secret";

    /// <summary>A script is not in the bundle.</summary>
    public const string MissingScript = "missing-script";

    /// <summary>A script ended with an exit code other than 0.</summary>
    public const string ScriptFailed = "script-failed";

    /// <summary>A script failed as it kept a processor busy for longer than the gateway allows.</summary>
    public const string CpuTime = "cpu-time";

    /// <summary>A script failed as it needed more address space than the gateway allows.</summary>
    public const string OutOfMemory = "out-of-memory";

    /// <summary>A script failed as it wrote a larger file than the gateway allows.</summary>
    public const string FileTooLarge = "file-too-large";

    /// <summary>A script failed as it had more files open than the gateway allows.</summary>
    public const string TooManyOpenFiles = "too-many-open-files";

    /// <summary>A script failed as its run had more processes than the gateway allows.</summary>
    public const string TooManyProcesses = "too-many-processes";

    /// <summary>The files of the run took more space than the gateway allows.</summary>
    public const string WorkspaceTooLarge = "workspace-too-large";

    /// <summary>The run exceeded the gateway's time limit.</summary>
    public const string TimedOut = "timed-out";

    /// <summary>The gateway ended the run early, usually because it was stopped.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>The bundle does not fit on the gateway's disk.</summary>
    public const string NoSpace = "no-space";

    /// <summary>The gateway itself failed; its log has the cause.</summary>
    public const string GatewayFault = "gateway-fault";

    /// <summary>The gateway's host ended while the run was in progress; it was not started again.</summary>
    public const string Lost = "lost";

    /// <summary>The run did not start within <see cref="RunOptions.QueueTimeout"/>.</summary>
    public const string NotStarted = "not-started";

    /// <summary>
    /// The gateway was stopped before it started the run. <see cref="ServoClient.RunAsync"/> posts it again, as after
    /// <see cref="RefusalKinds.ShuttingDown"/>; only a caller that follows that run by its id gets this.
    /// </summary>
    public const string ShuttingDown = "shutting-down";

    /// <summary>The gateway is a pod that was switched off before it started the run; as <see cref="ShuttingDown"/>.</summary>
    public const string PodOff = "pod-off";

    /// <summary>The gateway is a pod that was killed before it started the run.</summary>
    public const string PodKilled = "pod-killed";

    /// <summary>The server, such as an original servo, does not tell the kind.</summary>
    public const string Unknown = "unknown";
}
