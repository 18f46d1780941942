using System.Buffers;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Servo.Application.Runs;

namespace Servo.AspNetCore.Answers;

/// <summary>
/// The run as it happens: its records as the log has them, a heartbeat while it says nothing, and one last event <c>result</c>.
/// </summary>
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
                WriteStanding(standing.Record, standing.Number);
                break;
            case RunNews.Records records:
                format.WriteRecords(_body.Target, records.Bytes);
                break;
            case RunNews.Silence:
                _body.Target.Write(format.Heartbeat);
                break;
            case RunNews.Completed completed:
                MadeEvents.WriteResult(_body.Target, format, completed.Record.Run, completed.Number);
                format.End(_body.Target);
                break;
        }
    }

    private void WriteStanding(RunRecord record, long number)
    {
        if (_isFirst)
        {
            MadeEvents.Write(_body.Target, format, "run", number, json => json.WriteString("id", record.Run.Id.ToString()));
            format.End(_body.Target);

            // Tells the reader that more will come: from then on silence means that the gateway hangs.
            _body.Target.Write(format.Heartbeat);
        }

        _isFirst = false;

        if (MadeEvents.TryWriteWait(_body.Target, format, record, number))
            format.End(_body.Target);
    }
}
