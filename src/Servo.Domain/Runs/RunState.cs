namespace Servo.Domain.Runs;

/// <summary>How far a run has come.</summary>
public enum RunState
{
    /// <summary>It waits for a slot.</summary>
    Queued,

    /// <summary>Its steps are executed.</summary>
    Running,

    /// <summary>Every script ended with exit code 0.</summary>
    Succeeded,

    /// <summary>A step or a script failed.</summary>
    Failed,

    /// <summary>It was ended before it was done.</summary>
    Cancelled,

    /// <summary>It was ended at its time limit.</summary>
    TimedOut,
}
