namespace Servo.Client.Runs;

/// <summary>What is known of a run whose caller hears no more of it, and where to look.</summary>
internal static class DetachedRunMessage
{
    /// <summary>After the gateway was lost, which may have ended with it.</summary>
    public static string AfterLoss(string? runId) => runId is null
        ? "Whether a run has begun is not known: look in the gateway's log."
        : $"Whether the run {runId} goes on is not known: look for {runId} in the gateway's log.";

    /// <summary>After the caller has left, which stops no run.</summary>
    public static string AfterLeaving(string? runId, bool mayHaveBegun) => runId is null
        ? mayHaveBegun ? "The upload was complete, so a run may have begun: look in the gateway's log." : "No run has begun."
        : $"The run {runId} had begun and is not stopped by that: look for {runId} in the gateway's log.";
}
