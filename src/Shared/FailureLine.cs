using Servo.Client;

namespace Servo.Shared;

/// <summary>The line with which a gateway's log says why a run failed.</summary>
internal static class FailureLine
{
    /// <summary>Whether a line looks like it. Of an original servo, which does not tell its words from the scripts', it may be a script's.</summary>
    public static bool Is(RunLine line) =>
        (line.Stream is RunStreams.Servo or RunStreams.Log)
        && (line.Text.StartsWith("failure (", StringComparison.Ordinal) || line.Text.StartsWith("unexpected failure (", StringComparison.Ordinal));
}
