using Servo.Streams;

namespace Servo.Infrastructure.Archives;

/// <summary>A stream that is only read, and from its start to its end unless a derived class says otherwise.</summary>
internal abstract class InputStream : ForwardOnlyStream
{
    public abstract override int Read(Span<byte> buffer);

    /// <summary>Reads at once: whoever reads one of these is on a worker of its own.</summary>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(Read(buffer.Span));
    }
}
