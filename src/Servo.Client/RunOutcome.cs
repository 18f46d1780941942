namespace Servo.Client;

/// <summary>How a run ended, be it well or not.</summary>
public sealed class RunOutcome
{
    /// <summary>Whether every script ended with exit code 0.</summary>
    public bool Succeeded => Failure is null;

    /// <summary>The run's name, as in the gateway's log; <see langword="null"/> from an original servo.</summary>
    public string? RunId { get; init; }

    /// <summary>The lines of the log; empty without <see cref="RunOptions.KeepLines"/>.</summary>
    public IReadOnlyList<RunLine> Lines { get; init; } = [];

    /// <summary>The scripts that ran, in order; empty from an original servo.</summary>
    public IReadOnlyList<ScriptOutcome> Scripts { get; init; } = [];

    /// <summary>Why the run failed; <see langword="null"/> where it succeeded.</summary>
    public RunFailure? Failure { get; init; }
}
