using System.Runtime.CompilerServices;

namespace Servo.Application.Uploads;

/// <summary>
/// A request's body, read forward only. Its head arrives in memory; only a body that is longer asks for a place, and of that every byte is counted before its
/// reader has it. One that is whole waits for its turn.
/// </summary>
internal sealed class ArrivingStream(Stream body, Memory<byte> head, Func<Task> enter, Func<Task> takeTurn, Func<int, ValueTask> arrived) : Stream
{
    private ReadOnlyMemory<byte> _head;
    private bool _hasBegun;

    public override bool CanRead => body.CanRead;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_hasBegun)
            await BeginAsync(cancellationToken);

        if (!_head.IsEmpty)
        {
            var copied = Math.Min(_head.Length, buffer.Length);
            _head[..copied].CopyTo(buffer);
            _head = _head[copied..];
            return copied;
        }

        var read = await body.ReadAsync(buffer, cancellationToken);
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

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        _hasBegun = true;
        var bytes = await body.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);

        if (bytes == head.Length)
        {
            await enter();
            await arrived(bytes);
        }
        else
        {
            await takeTurn();
        }

        _head = head[..bytes];
    }
}
