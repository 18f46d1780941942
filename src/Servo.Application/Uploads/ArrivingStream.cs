using System.Runtime.CompilerServices;

namespace Servo.Application.Uploads;

/// <summary>A request's body, read forward only: its head, and then the rest, of which every byte is counted before its reader has it.</summary>
internal sealed class ArrivingStream(ReadOnlyMemory<byte> head, Stream rest, Func<int, ValueTask> arrived) : Stream
{
    private ReadOnlyMemory<byte> _head = head;

    public override bool CanRead => rest.CanRead;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_head.IsEmpty)
        {
            var copied = Math.Min(_head.Length, buffer.Length);
            _head[..copied].CopyTo(buffer);
            _head = _head[copied..];
            return copied;
        }

        var read = await rest.ReadAsync(buffer, cancellationToken);
        await arrived(read);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("A body is only read asynchronously.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }
}
