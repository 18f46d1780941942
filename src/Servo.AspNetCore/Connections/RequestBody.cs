using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Servo.AspNetCore.Refusals;
using Servo.Streams;

namespace Servo.AspNetCore.Connections;

/// <summary>
/// A request's body whose reading can be given up and the rest still be read, to drop it. A token that cancels a read of the server's own
/// stream leaves it unreadable ("Reading is already in progress").
/// </summary>
internal sealed class RequestBody(PipeReader reader) : ForwardOnlyStream
{
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var result = await NextAsync(cancellationToken);
            var available = result.Buffer;

            if (available.IsEmpty && !result.IsCompleted)
            {
                reader.AdvanceTo(available.Start);
                continue;
            }

            var read = (int)Math.Min(available.Length, buffer.Length);
            available.Slice(0, read).CopyTo(buffer.Span);
            reader.AdvanceTo(available.GetPosition(read));
            return read;
        }
    }

    private ValueTask<ReadResult> NextAsync(CancellationToken cancellationToken)
    {
        var pending = reader.ReadAsync(CancellationToken.None);
        return pending.IsCompletedSuccessfully ? pending : WaitAsync(pending, cancellationToken);
    }

    private async ValueTask<ReadResult> WaitAsync(ValueTask<ReadResult> pending, CancellationToken cancellationToken)
    {
        try
        {
            await using (cancellationToken.UnsafeRegister(static body => ((PipeReader)body!).CancelPendingRead(), reader))
                return await pending;
        }
        catch (Exception e) when (e is not BadHttpRequestException && UnreadableBody.In(e) is { } fault)
        {
            throw fault;
        }
    }
}
