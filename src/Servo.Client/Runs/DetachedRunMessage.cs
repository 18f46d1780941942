namespace Servo.Client.Runs;

/// <summary>The sentence about a run that its caller no longer follows: what is known of it, and where to look.</summary>
internal static class DetachedRunMessage
{
    /// <summary>After the connection to the gateway was lost, perhaps with the run.</summary>
    public static string AfterLoss(string? runId) => runId is null
        ? "It is unknown whether a run has started: check the gateway's log."
        : $"It is unknown whether the run {runId} is still going: search the gateway's log for {runId}.";

    /// <summary>After the caller has left, which does not stop the run.</summary>
    public static string AfterLeaving(string? runId, bool mayHaveBegun) => runId is null
        ? mayHaveBegun ? "The upload was complete, so a run may have started: check the gateway's log." : "No run has started."
        : $"The run {runId} was accepted and is not stopped by this: search the gateway's log for {runId}.";
}
