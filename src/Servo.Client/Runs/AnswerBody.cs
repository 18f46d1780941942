using Servo.Streams;

namespace Servo.Client.Runs;

/// <summary>
/// The body of an answer. A read ends on cancellation, even if the platform's read cannot be cancelled, and with
/// <see cref="TimeoutException"/> when a gateway that has sent heartbeats falls silent.
/// </summary>
internal sealed class AnswerBody(Stream body, Func<TimeSpan, CancellationToken, Task> delay, CancellationToken cancellationToken)
    : ForwardOnlyStream
{
    /// <summary>Four of the intervals of 15 seconds at which a gateway sends heartbeats.</summary>
    public static readonly TimeSpan HeartbeatTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Whether the gateway has sent heartbeats; an older one sends none and may be silent for as long as a script runs.</summary>
    public bool SendsHeartbeats { get; set; }

    // Readers pass no token of their own on every platform.
#if NET
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken _ = default) =>
        new(ReadAsync(() => body.ReadAsync(buffer, cancellationToken).AsTask()));
#else
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken _) =>
        ReadAsync(() => body.ReadAsync(buffer, offset, count, cancellationToken));
#endif

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            body.Dispose();

        base.Dispose(disposing);
    }

    private async Task<int> ReadAsync(Func<Task<int>> start)
    {
        var reading = start();

        if (reading.IsCompleted)
            return await reading.ConfigureAwait(false);

        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var silence = delay(SendsHeartbeats ? HeartbeatTimeout : Timeout.InfiniteTimeSpan, over.Token);

        if (await Task.WhenAny(reading, silence).ConfigureAwait(false) == reading)
        {
            Stop(over);
            return await reading.ConfigureAwait(false);
        }

        // The read is left behind, and fails unseen when the answer is disposed of.
        _ = reading.ContinueWith(
            static read => read.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        cancellationToken.ThrowIfCancellationRequested();
        throw new TimeoutException();
    }

    // Not awaited, as CancelAsync is missing from netstandard2.0.
    private static void Stop(CancellationTokenSource source) => source.Cancel();
}
