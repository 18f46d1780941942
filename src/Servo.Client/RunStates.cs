namespace Servo.Client;

/// <summary>The values of <see cref="RunInfo.State"/> that are known today; a later gateway may send more.</summary>
public static class RunStates
{
    /// <summary>The run waits for a slot.</summary>
    public const string Queued = "queued";

    /// <summary>The run waits for a lock.</summary>
    public const string Waiting = "waiting";

    /// <summary>The run is in progress.</summary>
    public const string Running = "running";

    /// <summary>Every script ended with exit code 0.</summary>
    public const string Succeeded = "succeeded";

    /// <summary>A step or a script failed.</summary>
    public const string Failed = "failed";

    /// <summary>The run was ended before it was done.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>The run was ended at its time limit.</summary>
    public const string TimedOut = "timed-out";

    /// <summary>The gateway's host ended while the run was in progress; it was not started again.</summary>
    public const string Lost = "lost";
}
