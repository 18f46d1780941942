using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Servo.Testing;

/// <summary>What a <see cref="PortalServer"/> answers: results as a portal writes them, and whatever else may come instead of one.</summary>
public sealed class PortalReply
{
    private const string ContentType = "application/json; charset=utf-8";

    private readonly Func<HttpContext, Task> _write;

    private PortalReply(Func<HttpContext, Task> write) => _write = write;

    /// <summary>A command that succeeded and printed <paramref name="output"/>.</summary>
    public static PortalReply Succeeded(string output) => Result(true, output);

    /// <summary>A command that failed and printed <paramref name="output"/>.</summary>
    public static PortalReply Failed(string output) => Result(false, output);

    /// <summary>Any answer at all.</summary>
    public static PortalReply Raw(int status, string contentType, string body) => new(async context =>
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        (context.Response.StatusCode, context.Response.ContentType, context.Response.ContentLength) = (status, contentType, bytes.Length);
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    });

    /// <summary>A page instead of a result.</summary>
    public static PortalReply Html(int status, string title) =>
        Raw(status, "text/html", $"<!DOCTYPE HTML>\n<title>{status} {title}</title>\n<h1>{title}</h1>\n");

    /// <summary>Sends the caller elsewhere.</summary>
    public static PortalReply Redirect(string location) => new(context =>
    {
        (context.Response.StatusCode, context.Response.Headers.Location) = (307, location);
        return Task.CompletedTask;
    });

    /// <summary>A success whose output is <paramref name="length"/> times the letter x, sent piece by piece.</summary>
    public static PortalReply Streamed(long length) => new(async context =>
    {
        var piece = Encoding.ASCII.GetBytes(new string('x', 64 * 1024));
        context.Response.ContentType = ContentType;
        await context.Response.WriteAsync("{\"ok\": true, \"ms\": 1.0, \"out\": \"", context.RequestAborted);

        for (var left = length; left > 0; left -= piece.Length)
            await context.Response.Body.WriteAsync(piece.AsMemory(0, (int)Math.Min(left, piece.Length)), context.RequestAborted);

        await context.Response.WriteAsync("\"}", context.RequestAborted);
    });

    /// <summary>Resets the connection instead of an answer.</summary>
    public static PortalReply BreakOff() => new(context =>
    {
        context.Abort();
        return Task.CompletedTask;
    });

    /// <summary>
    /// Sends <paramref name="beginning"/> as the begin of a longer answer,
    /// then resets the connection once <paramref name="signal"/> is given.
    /// </summary>
    public static PortalReply BreakOffAfter(string beginning, Task signal) => new(async context =>
    {
        (context.Response.ContentType, context.Response.ContentLength) = (ContentType, beginning.Length + 100);
        await context.Response.WriteAsync(beginning, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await signal.WaitAsync(context.RequestAborted);
        context.Abort();
    });

    /// <summary>The same answer, once <paramref name="gate"/> is open or the caller is gone.</summary>
    public PortalReply After(Task gate) => new(async context =>
    {
        await gate.WaitAsync(context.RequestAborted);
        await _write(context);
    });

    internal async Task WriteAsync(HttpContext context)
    {
        try
        {
            await _write(context);
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested && e is OperationCanceledException or IOException)
        {
            // The caller is gone; there is nobody to answer.
        }
    }

    private static PortalReply Result(bool ok, string output) =>
        Raw(200, ContentType, $"{{\"ok\": {(ok ? "true" : "false")}, \"ms\": 1.0, \"out\": {JsonSerializer.Serialize(output)}}}");
}
