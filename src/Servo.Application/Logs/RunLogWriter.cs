using System.Buffers;
using System.Text;
using Microsoft.Extensions.Logging;
using Servo.Domain.Runs;

namespace Servo.Application.Logs;

/// <summary>
/// Writes the events of a run into its log: lines once they are whole, together as they came, a long one in parts. Where the log takes no
/// more, the run goes on: its own lines are held in memory until there is room, the scripts' are dropped, and the log says where.
/// </summary>
internal sealed partial class RunLogWriter(IRunLog log, IRunSignals signals, RunClaim claim, long maxBytes, TimeProvider time, ILogger logger)
    : IRunOutput
{
    /// <summary>What is held at most while the log takes nothing.</summary>
    private const int MaxHeldBytes = 1 << 20;

    private const byte LineFeed = (byte)'\n';

    private readonly LogRecordWriter _records = new();
    private readonly ArrayBufferWriter<byte> _held = new();

    // What must not be missing, of what was written since the log took no more.
    private readonly List<RunEvent> _ownSinceFault = [];
    private long _first = 1;
    private long _next = 1;
    private long _lines;
    private (long Lines, bool IsContinued, (string? Script, OutputStream Stream) Source) _kept;
    private long _appended;
    private bool _full;
    private (string? Script, OutputStream Stream) _source;
    private bool _isContinued;

    /// <summary>Why the log takes no more, or <see langword="null"/>.</summary>
    public Exception? Fault { get; private set; }

    private bool IsLineOpen => _held.WrittenCount > 0 || _isContinued;

    /// <summary>The bytes that were written.</summary>
    public long Bytes => _appended + _records.Length;

    public ValueTask WriteAsync(RunEvent happened)
    {
        if (Fault is not null && happened is (RunEvent.ScriptEnded or RunEvent.Output { Stream: OutputStream.Servo }))
            _ownSinceFault.Add(happened is RunEvent.Output output ? output with { Text = output.Text.ToArray() } : happened);

        Take(happened);
        return ValueTask.CompletedTask;
    }

    public ValueTask FlushAsync() => _records.Length == 0 ? ValueTask.CompletedTask : FlushAsync(log.AppendAsync);

    /// <summary>
    /// Ends what a script that was lost left unfinished. Where the log still takes no more, the scripts' lines make room for the run's own.
    /// </summary>
    public async ValueTask CompleteAsync()
    {
        EndUnfinishedLine();
        await FlushAsync();

        if (Fault is { } fault)
            KeepOwnLines(fault);

        await FlushAsync(log.CompleteAsync);
    }

    private async ValueTask FlushAsync(Func<RunClaim, long, ReadOnlyMemory<byte>, Task<bool>> append)
    {
        try
        {
            if (!await append(claim, _first, _records.Written))
                throw new IOException("The log of the run takes no more: its claim is gone.");

            Fault = null;
            _ownSinceFault.Clear();
            (_first, _kept) = (_next, (_lines, _isContinued, _source));
            _appended += _records.Length;
            _records.Clear();
            signals.Tell(claim.Run);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (Fault is null)
                Log.NotKept(logger, claim.Run, e);

            Fault = e;
        }
    }

    private void KeepOwnLines(Exception fault)
    {
        RunEvent[] own = [.. _ownSinceFault];
        _records.Clear();
        _held.ResetWrittenCount();
        (_next, (_lines, _isContinued, _source)) = (_first, _kept);

        // What is kept may end in the middle of a line.
        EndUnfinishedLine();
        _source = (null, OutputStream.Servo);
        WriteOwn(LostOutput.CouldNotBeKept(_appended, Reason(fault)));

        foreach (var happened in own)
            Take(happened);
    }

    private void Take(RunEvent happened)
    {
        _records.SetTime(time.GetUtcNow());

        switch (happened)
        {
            case RunEvent.Started:
                _records.WriteStarted(_next++);
                break;
            case RunEvent.Output output:
                Write(output);
                break;
            case RunEvent.ScriptEnded ended:
                EndUnfinishedLine();
                _records.WriteScript(_next++, ended.Result);
                break;
        }
    }

    private void Write(RunEvent.Output output)
    {
        // A script that was lost in the middle of a line does not take the next line with it.
        if (_source != (output.Script, output.Stream))
            EndUnfinishedLine();

        _source = (output.Script, output.Stream);

        for (var rest = output.Text.Span; !rest.IsEmpty;)
        {
            // The gateway's own lines are few and say how the run went: they are always kept.
            if (output.Stream == OutputStream.Stdout && (_full || IsFull()))
                return;

            if (!IsLineOpen && TryTakeLines(ref rest, out var lines, out var count))
                WriteLines(lines, count);
            else if (RunEvent.Output.TryTakeLine(ref rest, out var line, out var isWhole))
                Hold(line, isWhole);
        }
    }

    /// <summary>Takes the whole lines off a text that one record holds; <see langword="false"/> where it does not begin with one.</summary>
    private static bool TryTakeLines(ref ReadOnlySpan<byte> text, out ReadOnlySpan<byte> lines, out int count)
    {
        lines = text[..(text[..Math.Min(text.Length, LogRecords.MaxText)].LastIndexOf(LineFeed) + 1)];
        count = lines.Count(LineFeed);

        if (count > LogRecords.MaxLines)
        {
            var length = 0;

            for (count = 0; count < LogRecords.MaxLines; count++)
                length += lines[length..].IndexOf(LineFeed) + 1;

            lines = lines[..length];
        }

        text = text[lines.Length..];
        return count > 0;
    }

    /// <summary>Keeps the beginning of a line until its end comes, or until it is as long as a record may be.</summary>
    private void Hold(ReadOnlySpan<byte> text, bool isWhole)
    {
        while (_held.WrittenCount + text.Length > LogRecords.MaxText)
        {
            var room = LogRecords.MaxText - _held.WrittenCount;

            // A part ends between two characters.
            while (room > 0 && (text[room] & 0xC0) == 0x80)
                room--;

            _held.Write(text[..room]);
            text = text[room..];
            WriteHeld(more: true);
        }

        _held.Write(text);

        if (isWhole)
            WriteHeld(more: false);
    }

    private bool IsFull()
    {
        var why = Bytes > maxBytes ? LostOutput.NotKept(maxBytes, LogOptions.MaxBytesKey)
            : Fault is not null && _records.Length > MaxHeldBytes ? LostOutput.CouldNotBeKept(Bytes, Reason(Fault))
            : null;

        if (why is null)
            return false;

        EndUnfinishedLine();
        _full = true;
        _source = (_source.Script, OutputStream.Servo);
        WriteOwn(why);
        return true;
    }

    private static string Reason(Exception fault) => DiskSpace.IsLacking(fault) ? "the gateway's disk is full" : "the gateway's log has the cause";

    private void EndUnfinishedLine()
    {
        if (IsLineOpen)
            WriteHeld(more: false);
    }

    private void WriteHeld(bool more)
    {
        WriteLine(_held.WrittenSpan, more);
        _held.ResetWrittenCount();
    }

    private void WriteOwn(string line) => WriteLine(Encoding.UTF8.GetBytes(line), more: false);

    private void WriteLines(ReadOnlySpan<byte> lines, int count)
    {
        if (count == 1)
        {
            WriteLine(lines[..^1], more: false);
            return;
        }

        _records.WriteLines(_next, count, _lines + 1, _source.Script, _source.Stream, lines);
        _next += count;
        _lines += count;
    }

    private void WriteLine(ReadOnlySpan<byte> text, bool more)
    {
        _records.WriteLine(_next++, _isContinued ? _lines : ++_lines, _source.Script, _source.Stream, text, more);
        _isContinued = more;
    }

    private static partial class Log
    {
        [LoggerMessage(6, LogLevel.Error, "What run {RunId} says cannot be kept; the run goes on")]
        public static partial void NotKept(ILogger logger, RunId runId, Exception exception);
    }
}
