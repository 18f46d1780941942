using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Servo.Application.Runs;
using Servo.Domain.Runs;

namespace Servo.AspNetCore.Answers;

/// <summary>The run as it happens: its records as the log has them, a heartbeat while it says nothing, and one last event <c>result</c>.</summary>
internal sealed class StreamedAnswer(HttpContext context, IEventFormat format, TimeProvider time)
{
    private readonly PacedWriter _body = new(context, time);
    private bool _isFirst = true;

    /// <summary>Sends the news to their end.</summary>
    /// <param name="news">Of one run.</param>
    /// <param name="cancellationToken">The reader is gone.</param>
    public async Task SendAsync(IAsyncEnumerable<RunNews> news, CancellationToken cancellationToken)
    {
        Prepare(context.Response);

        await foreach (var next in news.WithCancellation(cancellationToken))
        {
            Write(next);
            await _body.FlushAsync();
        }
    }

    private void Prepare(HttpResponse response)
    {
        response.ContentType = format.ContentType;
        response.Headers.CacheControl = "no-store";
        // Asks proxies that buffer by default, such as nginx, not to.
        response.Headers["X-Accel-Buffering"] = "no";

        // The body has a pace of its own.
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
    }

    private void Write(RunNews news)
    {
        switch (news)
        {
            case RunNews.Standing standing:
                WriteStanding(standing.Record);
                break;
            case RunNews.Records records:
                format.WriteRecords(_body.Target, records.Bytes);
                break;
            case RunNews.Silence:
                _body.Target.Write(format.Heartbeat);
                break;
            case RunNews.Completed completed:
                WriteEvent("result", completed.Number, json => RunJson.WriteMembers(json, completed.Record.Run));
                break;
        }
    }

    private void WriteStanding(RunRecord record)
    {
        if (_isFirst)
        {
            WriteEvent("run", 0, json => json.WriteString("id", record.Run.Id.ToString()));
            // Tells the reader that more will come: from then on silence means that the gateway hangs.
            _body.Target.Write(format.Heartbeat);
        }

        _isFirst = false;

        // One that is about to start has no place in the queue any more.
        if (record is { Run.State: RunState.Queued, Position: { } position })
            WriteEvent("queued", 0, json => json.WriteNumber("position", position));
        else if (record.Run.State == RunState.Waiting)
            WriteEvent("waiting", 0, json => RunJson.WriteWaitsFor(json, record.WaitsFor));
    }

    private void WriteEvent(string name, long number, Action<Utf8JsonWriter> writeMembers)
    {
        using var json = RunJson.Writer(_body.Target);
        format.Begin(_body.Target, json, name, number);
        writeMembers(json);
        json.WriteEndObject();
        json.Flush();
        format.End(_body.Target);
    }
}
