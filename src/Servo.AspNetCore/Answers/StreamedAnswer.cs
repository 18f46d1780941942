using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Servo.Application.Logs;
using Servo.AspNetCore.Connections;
using Servo.Domain.Runs;

namespace Servo.AspNetCore.Answers;

/// <summary>
/// The run as it happens: an event for each thing that it says, a heartbeat while it says nothing, and one last event <c>result</c>.
/// A slow reader slows the script down.
/// </summary>
internal sealed class StreamedAnswer : IRunAnswer
{
    /// <summary>How long the stream is silent before it sends a heartbeat.</summary>
    public static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(15);

    // A line is an event once it is whole, so that heartbeats can go out while a script is in the middle of one. A longer line goes out in pieces, and no
    // other event can stand inside it: there the heartbeat is its next character, of which enough are kept back for days.
    private const int MaxHeld = 32 * 1024;
    private const int KeptBack = MaxHeld / 2;

    private readonly HttpContext _context;
    private readonly IEventFormat _format;
    private readonly TimeProvider _time;
    private readonly PipeWriter _target;
    private readonly Utf8JsonWriter _json;

    // The run and the heartbeats write to one pipe, which takes one writer at a time.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _ended;
    private readonly HeldText _held = new();

    private Task _heartbeats = Task.CompletedTask;
    private long _lastSent;
    private TimeSpan _heldUp;
    private long _bytes;
    private long _lines;
    private (string? Script, OutputStream Stream) _line;
    private bool _lineOpen;
    private bool _isWritten;

    public StreamedAnswer(HttpContext context, IEventFormat format, TimeProvider time)
    {
        (_context, _format, _time, _target) = (context, format, time, context.Response.BodyWriter);
        _json = RunJson.Writer(_target);
        _ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
    }

    public ValueTask WriteAsync(RunEvent happened) => happened switch
    {
        RunEvent.Queued queued => BeginAsync(queued.Run.Id),
        RunEvent.Line line => WriteAsync(line),
        RunEvent.ScriptEnded ended => WriteAsync(ended.Result),
        RunEvent.Completed completed => CompleteAsync(completed.Run),
        _ => ValueTask.CompletedTask,
    };

    public async ValueTask FlushAsync()
    {
        using var turn = await TakeTurnAsync();
        await SendAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await EndHeartbeatsAsync();
        _ended.Dispose();
        _turn.Dispose();

        // Nothing is left in it, and flushing it now could meet a response that has ended.
        _json.Reset();
        await _json.DisposeAsync();
    }

    private async ValueTask BeginAsync(RunId id)
    {
        ConnectionPlaces.Keep(_context, ConnectionHold.Run);
        var response = _context.Response;
        response.ContentType = _format.ContentType;
        response.Headers.CacheControl = "no-store";
        // Asks proxies that buffer by default, such as nginx, not to.
        response.Headers["X-Accel-Buffering"] = "no";

        if (_context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
            rate.MinDataRate = null;

        Begin("run");
        _json.WriteString("id", id.ToString());
        End();
        // The first tells the reader that more will come: from then on silence means that the gateway hangs.
        _target.Write(_format.Heartbeat);
        await SendAsync();
        _heartbeats = SendHeartbeatsAsync(_ended.Token);
    }

    private async ValueTask WriteAsync(RunEvent.Line piece)
    {
        using var turn = await TakeTurnAsync();
        var writer = (piece.Script, piece.Stream);

        if (_line != writer)
            EndUnfinishedLine();

        _line = writer;

        if (piece.EndsLine)
        {
            EndLine(piece.Text.Span);
            return;
        }

        _held.Append(piece.Text.Span);

        if (_held.Length > MaxHeld)
        {
            BeginLine();
            WritePart(_held.Length - KeptBack);
        }
    }

    private async ValueTask WriteAsync(ScriptResult script)
    {
        using var turn = await TakeTurnAsync();
        Begin("script");
        RunJson.WriteScript(_json, script);
        End();
        await SendAsync();
    }

    private async ValueTask CompleteAsync(Run run)
    {
        await EndHeartbeatsAsync();
        EndUnfinishedLine();
        Begin("result");
        RunJson.WriteMembers(_json, run);
        End();
        await SendAsync();
    }

    private async Task SendHeartbeatsAsync(CancellationToken ended)
    {
        try
        {
            while (true)
            {
                var silence = _time.GetElapsedTime(Volatile.Read(ref _lastSent));

                if (silence < LongestSilence)
                    await Task.Delay(LongestSilence - silence, _time, ended);
                else
                    await SendHeartbeatAsync(ended);
            }
        }
        catch (OperationCanceledException)
        {
            // The run has ended, or its reader is gone.
        }
    }

    private async Task SendHeartbeatAsync(CancellationToken ended)
    {
        // While a reader is too slow for what the run says, the turn is the run's: there is no silence to break.
        using var turn = await TakeTurnAsync(ended);

        if (_time.GetElapsedTime(_lastSent) < LongestSilence)
            return;

        if (!_lineOpen)
            _target.Write(_format.Heartbeat);
        else
            WritePart(1);

        _isWritten = true;
        await SendAsync();
    }

    private async Task EndHeartbeatsAsync()
    {
        await _ended.CancelAsync();
        await _heartbeats;
    }

    private void BeginLine()
    {
        if (_lineOpen)
            return;

        _lineOpen = true;
        Begin("line", ++_lines);
        _json.WriteNumber("n", _lines);
        _json.WriteString("script", _line.Script);
        _json.WriteString("stream", _line.Stream == OutputStream.Servo ? "servo" : "stdout");
        _json.WritePropertyName("text");
    }

    /// <summary>Writes the next characters of the open line.</summary>
    private void WritePart(int count)
    {
        _json.WriteStringValueSegment(_held.Take(Math.Min(count, _held.Length)), isFinalSegment: false);
        Flush();
        _isWritten = true;
    }

    private void EndLine(ReadOnlySpan<char> text)
    {
        BeginLine();

        if (_held.Length > 0)
            _json.WriteStringValueSegment(_held.Take(_held.Length), isFinalSegment: false);

        _json.WriteStringValueSegment(text, isFinalSegment: true);
        End();
        _lineOpen = false;
    }

    /// <summary>Ends a line whose script was lost in the middle of it.</summary>
    private void EndUnfinishedLine()
    {
        if (_lineOpen || _held.Length > 0)
            EndLine([]);
    }

    private void Begin(string name, long? id = null) => _format.Begin(_target, _json, name, id);

    private void End()
    {
        _json.WriteEndObject();
        Flush();
        _json.Reset();
        _format.End(_target);
        _isWritten = true;
    }

    /// <summary>Sends what was written, if anything was.</summary>
    private async ValueTask SendAsync()
    {
        if (!_isWritten)
            return;

        _isWritten = false;
        var flush = _target.FlushAsync(CancellationToken.None);

        if (!flush.IsCompletedSuccessfully)
            await WaitForReaderAsync(flush.AsTask());

        Volatile.Write(ref _lastSent, _time.GetTimestamp());
    }

    /// <summary>Waits for a reader, which holds its script up, and the run's place with it: only as long as it takes what is there, pauses aside.</summary>
    private async Task WaitForReaderAsync(Task flush)
    {
        var timeout = PendingAnswers.ReadTimeout(_bytes) - _heldUp;
        var start = _time.GetTimestamp();

        try
        {
            await flush.WaitAsync(timeout > TimeSpan.Zero ? timeout : TimeSpan.Zero, _time);
        }
        catch (TimeoutException)
        {
            _context.Abort();
        }

        _heldUp += _time.GetElapsedTime(start);
    }

    private void Flush()
    {
        var committed = _json.BytesCommitted;
        _json.Flush();
        _bytes += _json.BytesCommitted - committed;
    }

    private async ValueTask<Turn> TakeTurnAsync(CancellationToken cancellationToken = default)
    {
        await _turn.WaitAsync(cancellationToken);
        return new Turn(_turn);
    }

    private readonly struct Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
