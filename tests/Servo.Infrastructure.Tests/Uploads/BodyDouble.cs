using Servo.Streams;

namespace Servo.Infrastructure.Tests.Uploads;

/// <summary>A request's body that arrives in small pieces, counts what was taken of it and may break off.</summary>
internal sealed class BodyDouble(Stream content, int pieceSize = int.MaxValue) : ForwardOnlyStream
{
    public BodyDouble(byte[] content, int pieceSize = int.MaxValue)
        : this(new MemoryStream(content), pieceSize)
    {
    }

    /// <summary>Bytes that were read.</summary>
    public long Taken { get; private set; }

    /// <summary>What is thrown where the content ends, as a server does when its client hangs up.</summary>
    public Exception? Fault { get; init; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var read = await content.ReadAsync(buffer[..Math.Min(buffer.Length, pieceSize)], cancellationToken);
        Taken += read;
        return read == 0 && !buffer.IsEmpty && Fault is not null ? throw Fault : read;
    }

    // As in Kestrel.
    public override int Read(Span<byte> buffer) => throw new InvalidOperationException("Synchronous reads are not allowed.");
}
