namespace Servo.Domain.Runs;

/// <summary>
/// A run from its acceptance to its end, at one moment: each transition gives the run of the next moment. One that its state does not allow throws
/// <see cref="InvalidOperationException"/>: queued runs start or end, running ones gather script results and end, and what has ended changes no more.
/// </summary>
public sealed record Run
{
    private Run(RunId id, ScriptList scripts, DateTimeOffset accepted) => (Id, Scripts, Accepted) = (id, scripts, accepted);

    /// <summary>Its name.</summary>
    public RunId Id { get; }

    /// <summary>What it is to execute.</summary>
    public ScriptList Scripts { get; }

    /// <summary>How far it has come.</summary>
    public RunState State { get; private init; }

    /// <summary>When its upload was verified and it was admitted.</summary>
    public DateTimeOffset Accepted { get; }

    /// <summary>When it got its slot; <see langword="null"/> until then.</summary>
    public DateTimeOffset? Started { get; private init; }

    /// <summary>When it ended; <see langword="null"/> until then.</summary>
    public DateTimeOffset? Ended { get; private init; }

    /// <summary>The scripts that have ended, in order.</summary>
    public IReadOnlyList<ScriptResult> Results { get; private init; } = [];

    /// <summary>Why it did not succeed; <see langword="null"/> while it may still, and where it has.</summary>
    public RunFailure? Failure { get; private init; }

    /// <summary>Whether it has ended, well or not.</summary>
    public bool HasEnded => State is not (RunState.Queued or RunState.Running);

    /// <summary>A run that was accepted just now.</summary>
    public static Run Accept(RunId id, ScriptList scripts, DateTimeOffset now) => new(id, scripts, now);

    /// <summary>The run has its slot.</summary>
    public Run Start(DateTimeOffset now) => Require(RunState.Queued) with { State = RunState.Running, Started = now };

    /// <summary>One of its scripts has ended.</summary>
    public Run Add(ScriptResult result) => Require(RunState.Running) with { Results = [.. Results, result] };

    /// <summary>Every script has ended with exit code 0.</summary>
    public Run Succeed(DateTimeOffset now) => Require(RunState.Running) with { State = RunState.Succeeded, Ended = now };

    /// <summary>The run is over, for this reason.</summary>
    public Run Fail(RunFailure failure, DateTimeOffset now) => (HasEnded ? throw Illegal() : this) with
    {
        State = failure switch
        {
            RunFailure.Cancelled => RunState.Cancelled,
            RunFailure.TimedOut => RunState.TimedOut,
            _ => RunState.Failed,
        },
        Failure = failure,
        Ended = now,
    };

    private Run Require(RunState state) => State == state ? this : throw Illegal();

    private InvalidOperationException Illegal() => new($"Run {Id} is {State}, which this transition does not follow.");
}
