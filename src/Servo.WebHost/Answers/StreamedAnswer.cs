using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Servo.Application.Runs;
using Servo.WebHost.Connections;

namespace Servo.WebHost.Answers;

/// <summary>The run as it happens: an event for each thing that it says, and one last event <c>result</c>. A slow reader slows the script down.</summary>
internal sealed class StreamedAnswer(HttpContext context, EventFormat format, TimeProvider time) : RunAnswer
{
    private readonly PipeWriter _target = context.Response.BodyWriter;
    private readonly Utf8JsonWriter _json = ResultJson.Writer(context.Response.BodyWriter);

    private TimeSpan _heldUp;
    private long _bytes;
    private long _lines;
    private bool _lineOpen;

    public override async ValueTask StartedAsync(string runId)
    {
        ConnectionPlaces.Keep(context);
        var response = context.Response;
        response.ContentType = format.ContentType;
        response.Headers.CacheControl = "no-store";
        // Asks proxies that buffer by default, such as nginx, not to.
        response.Headers["X-Accel-Buffering"] = "no";

        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
            rate.MinDataRate = null;

        Begin("run");
        _json.WriteString("id", runId);
        End();
        await FlushAsync();
    }

    public override ValueTask WriteAsync(OutputPiece piece)
    {
        if (!_lineOpen)
        {
            Begin("line", ++_lines);
            _json.WriteNumber("n", _lines);
            _json.WriteString("script", piece.Script);
            _json.WriteString("stream", piece.Stream == OutputStream.Servo ? "servo" : "stdout");
            _json.WritePropertyName("text");
        }

        _json.WriteStringValueSegment(piece.Text.Span, isFinalSegment: piece.EndsLine);
        _lineOpen = !piece.EndsLine;

        if (piece.EndsLine)
            End();
        else
            Flush();

        return ValueTask.CompletedTask;
    }

    public override async ValueTask FlushAsync()
    {
        var flush = _target.FlushAsync(CancellationToken.None);

        if (flush.IsCompletedSuccessfully)
            return;

        // A reader holds its script up, and the run's place with it: only as long as it takes what is there, pauses aside.
        var patience = PendingAnswers.Patience(_bytes) - _heldUp;
        var start = time.GetTimestamp();

        try
        {
            await flush.AsTask().WaitAsync(patience > TimeSpan.Zero ? patience : TimeSpan.Zero, time);
        }
        catch (TimeoutException)
        {
            context.Abort();
        }

        _heldUp += time.GetElapsedTime(start);
    }

    public override async ValueTask ScriptRanAsync(ScriptRan script)
    {
        await base.ScriptRanAsync(script);
        Begin("script");
        ResultJson.WriteScript(_json, script);
        End();
        await FlushAsync();
    }

    public override async Task CompleteAsync(RunReport report)
    {
        Begin("result");
        ResultJson.WriteMembers(_json, report, Scripts);
        End();
        await FlushAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        // Nothing is left in it, and flushing it now could meet a response that has ended.
        _json.Reset();
        await _json.DisposeAsync();
    }

    private void Flush()
    {
        var committed = _json.BytesCommitted;
        _json.Flush();
        _bytes += _json.BytesCommitted - committed;
    }

    private void Begin(string name, long? id = null) => format.Begin(_target, _json, name, id);

    private void End()
    {
        _json.WriteEndObject();
        Flush();
        _json.Reset();
        format.End(_target);
    }
}
