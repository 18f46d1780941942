namespace Servo.Client.Runs;

/// <summary>What becomes of a run whose caller has gone.</summary>
internal static class RunFate
{
    public static string Of(string? runId) => runId is null
        ? "If the upload was complete, the run goes on in the gateway; its log tells."
        : $"The run {runId} goes on in the gateway; its log tells how it ends.";
}
