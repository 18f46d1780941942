using System.Buffers;
using System.Text;
using Servo.Application;
using Servo.Application.Logs;

namespace Servo.AspNetCore.Answers;

/// <summary>
/// Keeps a run's log until its end, as UTF-8 with a line feed behind each line: of the scripts' output never more than the limit, of the gateway's own lines
/// all.
/// </summary>
internal sealed class KeptLog(LogSpool spool, long maxBytes) : IDisposable
{
    private long _kept;
    private bool _full;
    private (string? Script, OutputStream Stream) _writer;
    private bool _lineOpen;

    /// <summary>The bytes that are kept.</summary>
    public long Length => spool.Length;

    /// <summary>Whether all of it is in memory.</summary>
    public bool IsInMemory => Length <= LogSpool.InMemoryBytes;

    public void Append(RunEvent.Line line)
    {
        // A script that was lost in the middle of a line does not take the next line with it.
        if (_writer != (line.Script, line.Stream))
            EndUnfinishedLine();

        _writer = (line.Script, line.Stream);

        // The gateway's own lines are few and say how the run went: they are always kept.
        if (line.Stream == OutputStream.Servo)
            Append(line.Text.Span, endsLine: true);
        else if (!_full)
            Keep(line);
    }

    public ValueTask FlushAsync() => spool.SpillAsync();

    /// <summary>Reads the whole log, in pieces that are valid until the next is asked for. Nothing is appended any more.</summary>
    public IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        EndUnfinishedLine();
        return spool.ReadAsync(cancellationToken);
    }

    public void Dispose() => spool.Dispose();

    private void Keep(RunEvent.Line line)
    {
        if (spool.Fault is { } fault)
        {
            var why = DiskSpace.IsLacking(fault) ? "the gateway's disk is full" : "the gateway's log has the cause";
            Close($"output past {_kept} bytes could not be kept ({why})");
            return;
        }

        _kept += Encoding.UTF8.GetByteCount(line.Text.Span) + (line.EndsLine ? 1 : 0);

        if (_kept <= maxBytes)
            Append(line.Text.Span, line.EndsLine);
        else
            Close($"output past {maxBytes} bytes is not kept ({OutputOptions.MaxBytesKey})");
    }

    private void Close(string why)
    {
        _full = true;
        EndUnfinishedLine();
        Append(why, endsLine: true);
    }

    private void EndUnfinishedLine()
    {
        if (_lineOpen)
            Append([], endsLine: true);
    }

    private void Append(ReadOnlySpan<char> text, bool endsLine)
    {
        Encoding.UTF8.GetBytes(text, spool.Writer);

        if (endsLine)
            spool.Writer.Write("\n"u8);

        _lineOpen = !endsLine;
    }
}
