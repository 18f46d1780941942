using System.Text;
using Servo.Application;
using Servo.Application.Logs;
using Servo.AspNetCore.Connections;

namespace Servo.AspNetCore.Answers;

/// <summary>Keeps a run's log until its end: a little in memory, the rest in a file that no other process sees, and never more than the limit.</summary>
internal abstract class KeptAnswer(HttpContext context, OutputOptions options, OutputSpool log) : RunAnswer
{
    private readonly long _limit = options.MaxBytes;
    private long _kept;
    private bool _full;
    private (string? Script, OutputStream Stream) _writer;
    private bool _lineOpen;

    /// <summary>Where the answer counts as one that its caller still takes.</summary>
    public required PendingAnswers Pending { get; init; }

    protected HttpContext Context => context;

    /// <summary>The log so far, in the answer's own form.</summary>
    protected OutputSpool Log { get; } = log;

    /// <summary>What it takes on disk.</summary>
    protected virtual long LogBytes => _kept;

    public override ValueTask StartedAsync(string runId)
    {
        ConnectionPlaces.Keep(context, ConnectionHold.Run);
        return ValueTask.CompletedTask;
    }

    public override ValueTask WriteAsync(OutputPiece piece)
    {
        // A script that was lost in the middle of a line does not take the next line with it.
        if (_writer != (piece.Script, piece.Stream))
            EndUnfinishedLine();

        _writer = (piece.Script, piece.Stream);

        // The gateway's own lines are few and say how the run went: they are always kept.
        if (piece.Stream == OutputStream.Servo)
            Append(piece.Text.Span, endsLine: true);
        else if (!_full)
            Keep(piece);

        return ValueTask.CompletedTask;
    }

    public override async ValueTask DisposeAsync() => await Log.DisposeAsync();

    /// <summary>Sends the log, as long as its caller keeps taking it.</summary>
    protected Task SendLogAsync() => LogBytes <= OutputSpool.InMemoryBytes
        ? Log.DrainBufferAsync(context.Response.BodyWriter)
        : Pending.SendAsync(context, LogBytes, givenUp => Log.DrainBufferAsync(context.Response.BodyWriter, givenUp));

    protected abstract void Append(ReadOnlySpan<char> text, bool endsLine);

    private void Keep(OutputPiece piece)
    {
        if (Log.Fault is { } fault)
        {
            var why = DiskSpace.IsLacking(fault) ? "the gateway's disk is full" : "the gateway's log has the cause";
            Close($"output past {_kept} bytes could not be kept ({why})");
            return;
        }

        _kept += Encoding.UTF8.GetByteCount(piece.Text.Span) + (piece.EndsLine ? 1 : 0);

        if (_kept <= _limit)
        {
            Append(piece.Text.Span, piece.EndsLine);
            _lineOpen = !piece.EndsLine;
            return;
        }

        Close($"output past {_limit} bytes is not kept ({OutputOptions.MaxBytesKey})");
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

        _lineOpen = false;
    }
}
