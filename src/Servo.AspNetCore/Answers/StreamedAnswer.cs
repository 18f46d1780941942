using System.IO.Pipelines;
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

    private readonly HttpContext _context;
    private readonly IEventFormat _format;
    private readonly TimeProvider _time;
    private readonly PipeWriter _target;
    private readonly EventWriter _events;
    private readonly LineEvents _lines;

    // The run and the heartbeats write to one pipe, which takes one writer at a time.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _ended;

    private Task _heartbeats = Task.CompletedTask;
    private long _lastSent;
    private TimeSpan _heldUp;

    public StreamedAnswer(HttpContext context, IEventFormat format, TimeProvider time)
    {
        (_context, _format, _time, _target) = (context, format, time, context.Response.BodyWriter);
        _events = new EventWriter(_target, format);
        _lines = new LineEvents(_events);
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
        await _events.DisposeAsync();
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

        _events.Begin("run");
        _events.Json.WriteString("id", id.ToString());
        _events.End();
        // The first tells the reader that more will come: from then on silence means that the gateway hangs.
        _events.WriteHeartbeat();
        await SendAsync();
        _heartbeats = SendHeartbeatsAsync(_ended.Token);
    }

    private async ValueTask WriteAsync(RunEvent.Line piece)
    {
        using var turn = await TakeTurnAsync();
        _lines.Write(piece);
    }

    private async ValueTask WriteAsync(ScriptResult script)
    {
        using var turn = await TakeTurnAsync();
        _events.Begin("script");
        RunJson.WriteScript(_events.Json, script);
        _events.End();
        await SendAsync();
    }

    private async ValueTask CompleteAsync(Run run)
    {
        await EndHeartbeatsAsync();
        _lines.EndUnfinished();
        _events.Begin("result");
        RunJson.WriteMembers(_events.Json, run);
        _events.End();
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

        if (_lines.IsOpen)
            _lines.WritePart(1);
        else
            _events.WriteHeartbeat();

        await SendAsync();
    }

    private async Task EndHeartbeatsAsync()
    {
        await _ended.CancelAsync();
        await _heartbeats;
    }

    /// <summary>Sends what was written, if anything was.</summary>
    private async ValueTask SendAsync()
    {
        if (!_events.TakeWritten())
            return;

        var flush = _target.FlushAsync(CancellationToken.None);

        if (!flush.IsCompletedSuccessfully)
            await WaitForReaderAsync(flush.AsTask());

        Volatile.Write(ref _lastSent, _time.GetTimestamp());
    }

    /// <summary>Waits for a reader, which holds its script up, and the run's place with it: only as long as it takes what is there, pauses aside.</summary>
    private async Task WaitForReaderAsync(Task flush)
    {
        var timeout = PendingAnswers.ReadTimeout(_events.Bytes) - _heldUp;
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
