using System.Buffers;
using Servo.Domain.Runs;

namespace Servo.AspNetCore.Answers;

/// <summary>The log as plain text, its lines joined by line feeds; status 200, or 412 where the run failed.</summary>
internal static class TextAnswer
{
    public static async Task SendAsync(HttpContext context, AnsweredLog log, Run run, TimeProvider time)
    {
        var response = context.Response;
        response.StatusCode = run.Failure is null ? StatusCodes.Status200OK : StatusCodes.Status412PreconditionFailed;
        response.ContentType = "text/plain; charset=utf-8";
        var body = new PacedWriter(context, time);
        // Between two lines, not behind the last.
        var between = false;

        await log.ReadAsync(run, Write, body.FlushAsync, context.RequestAborted);

        void Write(ReadOnlySpan<byte> text, bool endsLine)
        {
            if (between)
                body.Target.Write("\n"u8);

            body.Target.Write(text);
            between = endsLine;
        }
    }
}
