using Servo.Client;

namespace Servo.Shared;

/// <summary>The line of the log in which the gateway says why a run failed.</summary>
internal static class FailureLine
{
    /// <summary>
    /// Whether a line looks like one. From an original servo, which mixes its own messages with the scripts', it may be a script's.
    /// </summary>
    public static bool Is(RunLine line) =>
        (line.Stream is RunStreams.Servo or RunStreams.Log)
        && (line.Text.StartsWith("failure (", StringComparison.Ordinal)
            || line.Text.StartsWith("unexpected failure (", StringComparison.Ordinal));
}
