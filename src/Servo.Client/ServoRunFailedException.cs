using System.Text;

namespace Servo.Client;

/// <summary>A run that failed, for callers who asked for an exception (<see cref="RunOutcome.ThrowIfFailed"/>); the message ends with the last lines of its log.</summary>
public sealed class ServoRunFailedException : Exception
{
    private const int MaxLines = 10;

    /// <summary>Makes an exception of an outcome; throws <see cref="ArgumentException"/> for that of a run that succeeded.</summary>
    public ServoRunFailedException(RunOutcome outcome) : this(outcome, LastLinesOf(outcome))
    {
    }

    private ServoRunFailedException(RunOutcome outcome, IReadOnlyList<RunLine> lastLines) : base(Text(outcome, lastLines)) =>
        (Outcome, LastLines) = (outcome, lastLines);

    /// <summary>The run's outcome.</summary>
    public RunOutcome Outcome { get; }

    /// <summary>Why the run failed.</summary>
    public RunFailure Failure => Outcome.Failure!;

    /// <summary>The run's id, as in the gateway's log; <see langword="null"/> from an original servo.</summary>
    public string? RunId => Outcome.RunId;

    /// <summary>What the script that failed printed last, at most ten lines; empty without <see cref="RunOptions.KeepLines"/>.</summary>
    public IReadOnlyList<RunLine> LastLines { get; }

    private static RunLine[] LastLinesOf(RunOutcome outcome)
    {
        Guard.NotNull(outcome, nameof(outcome));

        if (outcome.Failure is null)
            throw new ArgumentException("The run has succeeded.", nameof(outcome));

        var lines = outcome.Lines.Where(line => line.Stream != RunStreams.Servo).ToList();
        var script = lines.LastOrDefault()?.Script;

        return [.. lines.Where(line => line.Script == script).Reverse().Take(MaxLines).Reverse()];
    }

    private static string Text(RunOutcome outcome, IReadOnlyList<RunLine> lastLines)
    {
        var text = new StringBuilder($"The run{(outcome.RunId is { } id ? " " + id : "")} failed: {outcome.Failure}");

        foreach (var line in lastLines)
            text.Append('\n').Append("    ").Append(line.Text);

        return text.ToString();
    }
}
