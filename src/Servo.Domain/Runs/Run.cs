namespace Servo.Domain.Runs;

/// <summary>
/// A run from its acceptance to its end, at one moment: each transition gives the run of the next moment. One that its state does not allow throws
/// <see cref="InvalidOperationException"/>: queued runs start or end, running ones gather script results and end, and what has ended changes no more.
/// </summary>
public sealed record Run
{
    private Run(RunId id, RunOrder order, DateTimeOffset accepted) => (Id, Order, Accepted) = (id, order, accepted);

    /// <summary>Its name.</summary>
    public RunId Id { get; }

    /// <summary>What it was accepted for.</summary>
    public RunOrder Order { get; private init; }

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
    public bool HasEnded => State is not (RunState.Queued or RunState.Waiting or RunState.Running);

    /// <summary>A run that was accepted just now.</summary>
    public static Run Accept(RunId id, RunOrder order, DateTimeOffset now) => new(id, order, now);

    /// <summary>A run as a store has kept it.</summary>
    public static Run Restore(
        RunId id,
        RunOrder order,
        RunState state,
        DateTimeOffset accepted,
        DateTimeOffset? started,
        DateTimeOffset? ended,
        IReadOnlyList<ScriptResult> results,
        RunFailure? failure) =>
        new(id, order, accepted) { State = state, Started = started, Ended = ended, Results = results, Failure = failure };

    /// <summary>The run waits for a lock that others hold or wait for before it.</summary>
    public Run Wait() => Require(RunState.Queued) with { State = RunState.Waiting };

    /// <summary>Nobody waits for the run any more: it is to outlive the end of its host.</summary>
    public Run Detach() => (HasEnded ? throw Illegal() : this) with { Order = Order with { IsDetached = true } };

    /// <summary>The run has its slot.</summary>
    public Run Start(DateTimeOffset now) => (State is RunState.Queued or RunState.Waiting ? this : throw Illegal()) with
    {
        State = RunState.Running,
        Started = now,
    };

    /// <summary>One of its scripts has ended.</summary>
    public Run Add(ScriptResult result) => Require(RunState.Running) with { Results = [.. Results, result] };

    /// <summary>Every script has ended with exit code 0.</summary>
    public Run Succeed(DateTimeOffset now) => Require(RunState.Running) with { State = RunState.Succeeded, Ended = now };

    /// <summary>The run is over, for this reason.</summary>
    public Run Fail(RunFailure failure, DateTimeOffset now) => (HasEnded ? throw Illegal() : this) with
    {
        State = failure switch
        {
            RunFailure.Cancelled or RunFailure.GivenUp => RunState.Cancelled,
            RunFailure.TimedOut or RunFailure.NotStarted => RunState.TimedOut,
            _ => RunState.Failed,
        },
        Failure = failure,
        Ended = now,
    };

    /// <summary>The host ended while the run was in progress.</summary>
    public Run Lose(DateTimeOffset now) => (HasEnded ? throw Illegal() : this) with
    {
        State = RunState.Lost,
        Failure = State == RunState.Running ? RunFailure.Lost.InProgress : RunFailure.Lost.InDoubt,
        Ended = now,
    };

    private Run Require(RunState state) => State == state ? this : throw Illegal();

    private InvalidOperationException Illegal() => new($"Run {Id} is {State}, which this transition does not follow.");
}
