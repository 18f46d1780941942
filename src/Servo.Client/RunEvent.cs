namespace Servo.Client;

/// <summary>An event of a run; the last is <see cref="Completed"/>, and no other types derive from this one.</summary>
public abstract class RunEvent
{
    private RunEvent()
    {
    }

    /// <summary>
    /// The gateway has accepted the run, which has its id and may have to wait. An older gateway and an original servo do not send this.
    /// </summary>
    public sealed class Accepted(string runId) : RunEvent
    {
        /// <summary>The run's id.</summary>
        public string RunId { get; } = runId;
    }

    /// <summary>The run waits for a slot.</summary>
    public sealed class Queued(int position) : RunEvent
    {
        /// <summary>Its position in the queue, from 1.</summary>
        public int Position { get; } = position;
    }

    /// <summary>The run waits for locks.</summary>
    public sealed class Waiting(IReadOnlyList<RunLockHolder> waitsFor) : RunEvent
    {
        /// <summary>The locks, and the runs that hold them.</summary>
        public IReadOnlyList<RunLockHolder> WaitsFor { get; } = waitsFor;
    }

    /// <summary>The run has started. An original servo does not send this.</summary>
    public sealed class Started(string runId) : RunEvent
    {
        /// <summary>The run's id, as in the gateway's log.</summary>
        public string RunId { get; } = runId;
    }

    /// <summary>A line of the log.</summary>
    public sealed class Output(RunLine line) : RunEvent
    {
        /// <summary>The line.</summary>
        public RunLine Line { get; } = line;
    }

    /// <summary>A script has ended. An original servo does not send this.</summary>
    public sealed class ScriptEnded(ScriptResult script) : RunEvent
    {
        /// <summary>The script.</summary>
        public ScriptResult Script { get; } = script;
    }

    /// <summary>The run has ended, successfully or not.</summary>
    public sealed class Completed(RunOutcome outcome) : RunEvent
    {
        /// <summary>The outcome.</summary>
        public RunOutcome Outcome { get; } = outcome;
    }
}
