using System.Text;

namespace Servo.Client;

/// <summary>A run failed, thrown by <see cref="RunOutcome.ThrowIfFailed"/>; the message ends with the last lines of its log.</summary>
public sealed class ServoRunFailedException : Exception
{
    private const int MaxLines = 10;

    /// <summary>Creates an exception for an outcome; throws <see cref="ArgumentException"/> if the run succeeded.</summary>
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

    /// <summary>The last lines that the failed script printed, at most ten; empty without <see cref="RunOptions.KeepLines"/>.</summary>
    public IReadOnlyList<RunLine> LastLines { get; }

    private static RunLine[] LastLinesOf(RunOutcome outcome)
    {
        Guard.NotNull(outcome, nameof(outcome));

        if (outcome.Failure is null)
            throw new ArgumentException("The run succeeded.", nameof(outcome));

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
