using System.Buffers;
using Servo.Application.Logs;
using Servo.AspNetCore.Connections;
using Servo.Domain.Runs;

namespace Servo.AspNetCore.Answers;

/// <summary>The log as plain text, its lines joined by line feeds; status 200, or 412 where the run failed.</summary>
internal sealed class TextAnswer(HttpContext context, KeptLogs logs) : IRunAnswer
{
    private readonly KeptLog _log = logs.Create();

    public async ValueTask WriteAsync(RunEvent happened)
    {
        switch (happened)
        {
            case RunEvent.Queued:
                ConnectionPlaces.Keep(context, ConnectionHold.Run);
                break;
            case RunEvent.Line line:
                _log.Append(line);
                break;
            case RunEvent.Completed completed:
                await SendAsync(completed.Run);
                break;
        }
    }

    public ValueTask FlushAsync() => _log.FlushAsync();

    public ValueTask DisposeAsync()
    {
        _log.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task SendAsync(Run run)
    {
        var response = context.Response;
        response.StatusCode = run.Failure is null ? StatusCodes.Status200OK : StatusCodes.Status412PreconditionFailed;
        response.ContentType = "text/plain; charset=utf-8";
        return logs.SendAsync(context, _log, mostPerByte: 1, SendLogAsync);
    }

    private async Task SendLogAsync(CancellationToken givenUp)
    {
        var body = context.Response.BodyWriter;
        // Between two lines, not behind the last.
        var endsLine = false;

        await foreach (var bytes in _log.ReadAsync(givenUp))
        {
            if (bytes.IsEmpty)
                continue;

            if (endsLine)
                body.Write("\n"u8);

            endsLine = bytes.Span[^1] == '\n';
            await body.WriteAsync(endsLine ? bytes[..^1] : bytes, givenUp);
        }
    }
}
