namespace Servo.Ochopod.Cluster;

internal static class Waiting
{
    /// <summary>Waits for something to change, or for the time to look again.</summary>
    public static async Task OrAfterAsync(this Task changed, TimeSpan longest, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await changed.WaitAsync(longest, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Time to look again.
        }
    }
}
