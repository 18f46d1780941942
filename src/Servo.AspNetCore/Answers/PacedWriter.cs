using System.IO.Pipelines;

namespace Servo.AspNetCore.Answers;

/// <summary>
/// Writes an answer at the pace of its reader, who may pause for a minute in all and take a second for every 16 KiB: past that the connection is broken off.
/// </summary>
internal sealed class PacedWriter(HttpContext context, TimeProvider time)
{
    /// <summary>What a reader has to take at least, after the grace: a line of 128 kbit/s.</summary>
    private const int BytesPerSecond = 16 * 1024;

    /// <summary>How long a reader may pause.</summary>
    private static readonly TimeSpan _grace = TimeSpan.FromMinutes(1);

    private TimeSpan _heldUp;
    private long _bytes;

    /// <summary>Takes what is to be sent; call <see cref="FlushAsync"/> now and then.</summary>
    public PipeWriter Target { get; } = context.Response.BodyWriter;

    /// <summary>Sends what was written.</summary>
    /// <exception cref="OperationCanceledException">The reader is gone, or too slow.</exception>
    public async ValueTask FlushAsync()
    {
        _bytes += Target.CanGetUnflushedBytes ? Target.UnflushedBytes : 0;
        var flush = Target.FlushAsync(CancellationToken.None);

        if (!flush.IsCompletedSuccessfully)
            await WaitForReaderAsync(flush.AsTask());

        context.RequestAborted.ThrowIfCancellationRequested();
    }

    private async Task WaitForReaderAsync(Task flush)
    {
        var timeout = _grace + TimeSpan.FromSeconds((double)_bytes / BytesPerSecond) - _heldUp;
        var start = time.GetTimestamp();

        try
        {
            await flush.WaitAsync(timeout > TimeSpan.Zero ? timeout : TimeSpan.Zero, time);
        }
        catch (TimeoutException)
        {
            // The status has gone out already: only a connection that breaks off tells the caller that the answer did.
            context.Abort();
            throw new OperationCanceledException("The reader is too slow.");
        }

        _heldUp += time.GetElapsedTime(start);
    }
}
