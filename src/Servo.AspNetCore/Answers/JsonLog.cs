using System.Text.Json;

namespace Servo.AspNetCore.Answers;

/// <summary>Sends a JSON object whose last member is a log, which is never in memory as a whole.</summary>
internal static class JsonLog
{
    /// <summary>A control character of the log is six in JSON.</summary>
    private const int MostPerByte = 6;

    public static Task SendAsync(HttpContext context, KeptLogs logs, KeptLog log, string name, Action<Utf8JsonWriter> writeMembers)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        return logs.SendAsync(context, log, MostPerByte, givenUp => SendAsync(context.Response, log, name, writeMembers, givenUp));
    }

    private static async Task SendAsync(HttpResponse response, KeptLog log, string name, Action<Utf8JsonWriter> writeMembers, CancellationToken givenUp)
    {
        await using var json = RunJson.Writer(response.BodyWriter);
        json.WriteStartObject();
        writeMembers(json);
        json.WriteStartArray(name);

        await foreach (var bytes in log.ReadAsync(givenUp))
        {
            WriteLines(json, bytes.Span);
            await json.FlushAsync(givenUp);
            await response.BodyWriter.FlushAsync(givenUp);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Writes a piece of the log: whole lines, and a part of one at either end.</summary>
    private static void WriteLines(Utf8JsonWriter json, ReadOnlySpan<byte> text)
    {
        for (int end; !text.IsEmpty; text = text[(end + 1)..])
        {
            end = text.IndexOf((byte)'\n');

            if (end < 0)
            {
                json.WriteStringValueSegment(text, isFinalSegment: false);
                return;
            }

            json.WriteStringValueSegment(text[..end], isFinalSegment: true);
        }
    }
}
