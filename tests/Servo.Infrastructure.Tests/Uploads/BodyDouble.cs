namespace Servo.Infrastructure.Tests.Uploads;

/// <summary>A request's body that arrives in small pieces, counts what was taken of it and may break off.</summary>
internal sealed class BodyDouble(Stream content, int pieceSize = int.MaxValue) : Stream
{
    public BodyDouble(byte[] content, int pieceSize = int.MaxValue)
        : this(new MemoryStream(content), pieceSize)
    {
    }

    /// <summary>Bytes that were read.</summary>
    public long Taken { get; private set; }

    /// <summary>What is thrown where the content ends, as a server does when its client hangs up.</summary>
    public Exception? Fault { get; init; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var read = await content.ReadAsync(buffer[..Math.Min(buffer.Length, pieceSize)], cancellationToken);
        Taken += read;
        return read == 0 && !buffer.IsEmpty && Fault is not null ? throw Fault : read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    // As in Kestrel.
    public override int Read(byte[] buffer, int offset, int count) => throw new InvalidOperationException("Synchronous reads are not allowed.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }
}
