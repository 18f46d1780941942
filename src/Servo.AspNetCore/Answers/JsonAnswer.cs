using System.Text.Json;
using Servo.Domain.Runs;

namespace Servo.AspNetCore.Answers;

/// <summary>One JSON object whose last member is the log, which is never in memory as a whole; always with status 200.</summary>
/// <param name="LogName">The last member, an array of the log's lines.</param>
/// <param name="WriteMembers">Writes the members before it.</param>
internal sealed record JsonAnswer(string LogName, Action<Utf8JsonWriter, Run> WriteMembers)
{
    /// <summary>That of <c>POST /run</c>.</summary>
    public static JsonAnswer Outcome { get; } = new("log", RunJson.WriteMembers);

    public async Task SendAsync(HttpContext context, AnsweredLog log, Run run, TimeProvider time)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        var body = new PacedWriter(context, time);
        await using var json = RunJson.Writer(body.Target);
        json.WriteStartObject();
        WriteMembers(json, run);
        json.WriteStartArray(LogName);
        await log.ReadAsync(run, json.WriteStringValueSegment, Flush, context.RequestAborted);
        json.WriteEndArray();
        json.WriteEndObject();

        ValueTask Flush()
        {
            json.Flush();
            return body.FlushAsync();
        }
    }
}
