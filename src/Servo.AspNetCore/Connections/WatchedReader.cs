using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Servo.AspNetCore.Refusals;

namespace Servo.AspNetCore.Connections;

/// <summary>
/// What comes over a connection. Tells of a break before its reader hears of it, and of the end only behind all that came before it:
/// Kestrel takes a body for cut short that ends together with the connection.
/// </summary>
internal sealed class WatchedReader(PipeReader inner, Action broken) : PipeReader
{
    private ReadOnlySequence<byte>? _last;
    private bool _isAllSeen;
    private volatile bool _isInBody;

    /// <summary>
    /// Whether a body is read: then an early end is an exception that can be answered. Kestrel, left to itself, resets the connection without a word.
    /// </summary>
    public bool IsInBody
    {
        get => _isInBody;
        set => _isInBody = value;
    }

    public override bool TryRead(out ReadResult result)
    {
        try
        {
            if (!inner.TryRead(out result))
                return false;
        }
        catch (Exception e) when (IsBreak(e))
        {
            broken();
            throw;
        }

        result = Told(result);
        return true;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var pending = inner.ReadAsync(cancellationToken);

        // Once taken, it is not to be looked at again.
        return pending.IsCompletedSuccessfully ? new(Told(pending.Result)) : WaitAsync(pending);
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_last is { } last)
            (_isAllSeen, _last) = (last.Slice(examined).IsEmpty, null);

        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    private static bool IsBreak(Exception exception) => exception is IOException or ConnectionAbortedException;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> WaitAsync(ValueTask<ReadResult> pending)
    {
        ReadResult result;

        try
        {
            result = await pending;
        }
        catch (Exception e) when (IsBreak(e))
        {
            broken();
            throw;
        }

        return Told(result);
    }

    private ReadResult Told(ReadResult result)
    {
        if (!result.IsCompleted)
            return result;

        if (!result.Buffer.IsEmpty && !_isAllSeen)
        {
            _last = result.Buffer;
            return new ReadResult(result.Buffer, result.IsCanceled, isCompleted: false);
        }

        if (!_isInBody)
            return result;

        inner.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        throw new BodyCutShortException();
    }
}
