using System.IO.Pipelines;

namespace Servo.Infrastructure.Archives;

/// <summary>Reads a stream on a worker of its own, at most a few buffers ahead, so that an archive is decompressed while its files are written.</summary>
internal sealed class ReadAhead : IAsyncDisposable
{
    private const int BufferBytes = 64 * 1024;

    private readonly Pipe _pipe = new(new PipeOptions(
        minimumSegmentSize: BufferBytes, pauseWriterThreshold: 32 * BufferBytes, resumeWriterThreshold: 16 * BufferBytes, useSynchronizationContext: false));
    private readonly Task _reading;

    public ReadAhead(Stream source, CancellationToken cancellationToken)
    {
        Output = _pipe.Reader.AsStream();
        _reading = Task.Run(() => ReadAsync(source, cancellationToken), CancellationToken.None);
    }

    /// <summary>What was read. An exception of the source comes out of here too.</summary>
    public Stream Output { get; }

    public async ValueTask DisposeAsync()
    {
        // Ends the reading too, where it is not at its end.
        await _pipe.Reader.CompleteAsync();
        await _reading;
    }

    private async Task ReadAsync(Stream source, CancellationToken cancellationToken)
    {
        try
        {
            while (source.Read(_pipe.Writer.GetSpan(BufferBytes)) is > 0 and var read)
            {
                _pipe.Writer.Advance(read);

                if ((await _pipe.Writer.FlushAsync(cancellationToken)).IsCompleted)
                    break;
            }

            await _pipe.Writer.CompleteAsync();
        }
        catch (Exception exception)
        {
            await _pipe.Writer.CompleteAsync(exception);
        }
    }
}
