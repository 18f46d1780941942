using System.Buffers;
using System.IO.Pipelines;

namespace Servo.AspNetCore.Connections;

/// <summary>Passes on what is written, until it is told to send something else in its place.</summary>
internal sealed class ReplaceableWriter(PipeWriter inner) : PipeWriter
{
    private byte[]? _answer;
    private bool _isAnswered;

    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    public void AnswerInstead(byte[] answer) => _answer = answer;

    public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

    public override void Advance(int bytes)
    {
        if (_answer is null)
        {
            inner.Advance(bytes);
        }
        else if (!_isAnswered)
        {
            _isAnswered = true;
            inner.Write(_answer);
        }
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        if (_answer is null)
            return inner.WriteAsync(source, cancellationToken);

        Advance(0);
        return FlushAsync(cancellationToken);
    }

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);
}
