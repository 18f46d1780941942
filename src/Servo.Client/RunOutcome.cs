namespace Servo.Client;

/// <summary>The outcome of a run: success, or the reason of its failure.</summary>
public sealed class RunOutcome
{
    /// <summary>Creates an outcome, for test doubles of <see cref="ServoClient"/>: a success unless a failure is given.</summary>
    public RunOutcome(
        RunFailure? failure = null,
        IReadOnlyList<ScriptResult>? scripts = null,
        IReadOnlyList<RunLine>? lines = null,
        string? runId = null) =>
        (Failure, Scripts, Lines, RunId) = (failure, scripts ?? [], lines ?? [], runId);

    /// <summary>Whether every script ended with exit code 0.</summary>
    public bool Succeeded => Failure is null;

    /// <summary>Why the run failed; <see langword="null"/> if it succeeded.</summary>
    public RunFailure? Failure { get; }

    /// <summary>The scripts that ran, in order; empty from an original servo.</summary>
    public IReadOnlyList<ScriptResult> Scripts { get; }

    /// <summary>The lines of the log; empty without <see cref="RunOptions.KeepLines"/>.</summary>
    public IReadOnlyList<RunLine> Lines { get; }

    /// <summary>The run's id, as in the gateway's log; <see langword="null"/> from an original servo.</summary>
    public string? RunId { get; }

    /// <summary>Throws <see cref="ServoRunFailedException"/> if the run failed.</summary>
    public void ThrowIfFailed()
    {
        if (Failure is not null)
            throw new ServoRunFailedException(this);
    }
}
