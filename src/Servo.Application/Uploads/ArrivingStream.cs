using System.Runtime.CompilerServices;
using Servo.Streams;

namespace Servo.Application.Uploads;

/// <summary>
/// A request's body, read forward only. Its head arrives in memory; only a body that is longer asks for a place, and of that every byte is counted before its
/// reader has it. One that is whole waits for its turn.
/// </summary>
internal sealed class ArrivingStream(Stream body, Memory<byte> head, Func<Task> enter, Func<Task> takeTurn, Func<int, ValueTask> arrived) : ForwardOnlyStream
{
    private ReadOnlyMemory<byte> _head;
    private bool _hasBegun;

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
