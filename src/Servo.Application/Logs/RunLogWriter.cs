using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Servo.Domain.Runs;

namespace Servo.Application.Logs;

/// <summary>
/// Writes the events of a run into its log: a line once it is whole, a longer one in parts. Where the log takes no more, the run goes on:
/// its own lines are held in memory until there is room, the scripts' are dropped, and the log says where.
/// </summary>
internal sealed partial class RunLogWriter(IRunLog log, IRunSignals signals, RunClaim claim, long maxBytes, TimeProvider time, ILogger logger)
    : IRunOutput, IDisposable
{
    /// <summary>What is held at most while the log takes nothing.</summary>
    private const int MaxHeldBytes = 1 << 20;

    private static readonly JsonEncodedText _started = JsonEncodedText.Encode("started");
    private static readonly JsonEncodedText _line = JsonEncodedText.Encode("line");
    private static readonly JsonEncodedText _ended = JsonEncodedText.Encode("script");

    private readonly ArrayBufferWriter<byte> _records = new(4096);
    private readonly StringBuilder _held = new();

    // What must not be missing, of what was written since the log took no more.
    private readonly List<RunEvent> _ownSinceFault = [];
    private Utf8JsonWriter? _json;
    private (long Milliseconds, JsonEncodedText Text) _now;
    private (string? Name, JsonEncodedText Text) _script;
    private long _first = 1;
    private long _next = 1;
    private long _lines;
    private long _linesKept;
    private long _appended;
    private bool _full;
    private (string? Script, OutputStream Stream) _writer;
    private bool _lineOpen;
    private bool _isContinued;

    /// <summary>Why the log takes no more, or <see langword="null"/>.</summary>
    public Exception? Fault { get; private set; }

    /// <summary>The bytes that were written.</summary>
    public long Bytes => _appended + _records.WrittenCount;

    public ValueTask WriteAsync(RunEvent happened)
    {
        if (Fault is not null && happened is (RunEvent.ScriptEnded or RunEvent.Line { Stream: OutputStream.Servo }))
            _ownSinceFault.Add(happened is RunEvent.Line line ? line with { Text = line.Text.ToArray() } : happened);

        Take(happened);
        return ValueTask.CompletedTask;
    }

    public ValueTask FlushAsync() => _records.WrittenCount == 0 ? ValueTask.CompletedTask : FlushAsync(log.AppendAsync);

    /// <summary>Ends what a script that was lost left unfinished. Where the log still takes no more, the scripts' lines make room for the run's own.</summary>
    public async ValueTask CompleteAsync()
    {
        EndUnfinishedLine();
        await FlushAsync();

        if (Fault is { } fault)
            KeepOwnLines(fault);

        await FlushAsync(log.CompleteAsync);
    }

    public void Dispose() => _json?.Dispose();

    private async ValueTask FlushAsync(Func<RunClaim, long, ReadOnlyMemory<byte>, Task<bool>> append)
    {
        try
        {
            if (!await append(claim, _first, _records.WrittenMemory))
                throw new IOException("The log of the run takes no more: its claim is gone.");

            Fault = null;
            _ownSinceFault.Clear();
            (_first, _linesKept) = (_next, _lines);
            _appended += _records.WrittenCount;
            _records.ResetWrittenCount();
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
        _records.ResetWrittenCount();
        (_next, _lines) = (_first, _linesKept);
        _writer = (null, OutputStream.Servo);
        WriteLine(LostOutput.CouldNotBeKept(_appended, Reason(fault)), more: false);

        foreach (var happened in own)
            Take(happened);
    }

    private void Take(RunEvent happened)
    {
        switch (happened)
        {
            case RunEvent.Started:
                Begin(_started);
                End();
                break;
            case RunEvent.Line line:
                Write(line);
                break;
            case RunEvent.ScriptEnded ended:
                EndUnfinishedLine();
                Begin(_ended);
                LogRecords.WriteScript(_json!, ended.Result);
                End();
                break;
        }
    }

    private void Write(RunEvent.Line line)
    {
        // A script that was lost in the middle of a line does not take the next line with it.
        if (_writer != (line.Script, line.Stream))
            EndUnfinishedLine();

        _writer = (line.Script, line.Stream);

        // The gateway's own lines are few and say how the run went: they are always kept.
        if (line.Stream == OutputStream.Stdout && (_full || IsFull()))
            return;

        // Nearly every line comes whole.
        if (line.EndsLine && _held.Length == 0 && line.Text.Length <= LogRecords.MaxText)
        {
            WriteLine(line.Text.Span, more: false);
            return;
        }

        _held.Append(line.Text);

        while (_held.Length > LogRecords.MaxText)
            WriteHeld(LengthOfPart(), more: true);

        if (line.EndsLine)
            WriteHeld(_held.Length, more: false);
        else
            _lineOpen = true;
    }

    private bool IsFull()
    {
        var why = Bytes > maxBytes ? LostOutput.NotKept(maxBytes, LogOptions.MaxBytesKey)
            : Fault is not null && _records.WrittenCount > MaxHeldBytes ? LostOutput.CouldNotBeKept(Bytes, Reason(Fault))
            : null;

        if (why is null)
            return false;

        EndUnfinishedLine();
        _full = true;
        _writer = (_writer.Script, OutputStream.Servo);
        WriteLine(why, more: false);
        return true;
    }

    private static string Reason(Exception fault) => DiskSpace.IsLacking(fault) ? "the gateway's disk is full" : "the gateway's log has the cause";

    /// <summary>A part ends between two characters, not inside a surrogate pair.</summary>
    private int LengthOfPart() => char.IsHighSurrogate(_held[LogRecords.MaxText - 1]) ? LogRecords.MaxText - 1 : LogRecords.MaxText;

    private void EndUnfinishedLine()
    {
        if (_lineOpen)
            WriteHeld(_held.Length, more: false);
    }

    private void WriteHeld(int length, bool more)
    {
        var text = ArrayPool<char>.Shared.Rent(length);
        _held.CopyTo(0, text, length);
        _held.Remove(0, length);
        WriteLine(text.AsSpan(0, length), more);
        ArrayPool<char>.Shared.Return(text);
    }

    private void WriteLine(ReadOnlySpan<char> text, bool more)
    {
        Begin(_line);
        LogRecords.WriteLine(_json!, _isContinued ? _lines : ++_lines, NameOf(_writer.Script), _writer.Stream == OutputStream.Servo, text, more);
        End();
        (_lineOpen, _isContinued) = (more, more);
    }

    private void Begin(JsonEncodedText name) => LogRecords.Begin(_json ??= LogRecords.Writer(_records), name, _next++, Now());

    /// <summary>The time, which many lines have in common.</summary>
    private JsonEncodedText Now()
    {
        var now = time.GetUtcNow();

        if (now.UtcTicks / TimeSpan.TicksPerMillisecond is var milliseconds && milliseconds != _now.Milliseconds)
            _now = (milliseconds, LogRecords.Encode(now));

        return _now.Text;
    }

    /// <summary>The name of a script, which many lines have in common.</summary>
    private JsonEncodedText? NameOf(string? script)
    {
        if (script is null)
            return null;

        if (script != _script.Name)
            _script = (script, LogRecords.Encode(script));

        return _script.Text;
    }

    private void End() => LogRecords.End(_json!, _records);

    private static partial class Log
    {
        [LoggerMessage(6, LogLevel.Error, "What run {RunId} says cannot be kept; the run goes on")]
        public static partial void NotKept(ILogger logger, RunId runId, Exception exception);
    }
}
