using System.Text;
using System.Text.Json;

namespace Servo.Testing;

/// <summary>Answers for a <see cref="ScriptedPortalSocket"/>: the portal's own, and what else may come.</summary>
public static class PortalAnswers
{
    /// <summary>The command succeeded and printed this.</summary>
    public static ScriptedAnswer Ok(string output) => Json(200, new { ok = true, ms = 12.5, @out = output });

    /// <summary>The command failed and printed this.</summary>
    public static ScriptedAnswer Failed(string output) => Json(200, new { ok = false, ms = 12.5, @out = output });

    /// <summary>The host could not forward the command (RFC 9457).</summary>
    public static ScriptedAnswer Problem(int status, string detail) =>
        Raw(status, "application/problem+json", JsonSerializer.Serialize(new { title = "No answer.", status, detail }));

    /// <summary>Any text of any kind.</summary>
    public static ScriptedAnswer Raw(int status, string contentType, string content) => Raw(status, contentType, Encoding.UTF8.GetBytes(content));

    /// <summary>Any bytes of any kind.</summary>
    public static ScriptedAnswer Raw(int status, string contentType, byte[] content) => async response =>
    {
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = content.Length;
        await response.Body.WriteAsync(content);
    };

    /// <summary>The same answer in chunks of a few bytes, each sent on its own.</summary>
    public static ScriptedAnswer Chunked(string output, int size) => async response =>
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(new { ok = true, ms = 12.5, @out = output });
        response.ContentType = "application/json";

        foreach (var chunk in bytes.Chunk(size))
        {
            await response.Body.WriteAsync(chunk);
            await response.Body.FlushAsync();
        }
    };

    /// <summary>An answer that takes its time.</summary>
    public static ScriptedAnswer After(TimeSpan delay, ScriptedAnswer answer) => async response =>
    {
        await Task.Delay(delay, response.HttpContext.RequestAborted);
        await answer(response);
    };

    /// <summary>An answer that breaks off before its declared end, or, where <paramref name="declared"/> is null, between two chunks.</summary>
    public static ScriptedAnswer Reset(string content, long? declared) => async response =>
    {
        response.ContentType = "application/json";
        response.ContentLength = declared;
        await response.Body.WriteAsync(Encoding.UTF8.GetBytes(content));
        await response.Body.FlushAsync();
        response.HttpContext.Abort();
    };

    private static ScriptedAnswer Json<T>(int status, T content) => Raw(status, "application/json; charset=utf-8", JsonSerializer.Serialize(content));
}
