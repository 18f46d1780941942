using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Servo.Application.Logs;
using Servo.AspNetCore.Refusals;
using Servo.Buffers;

namespace Servo.AspNetCore.Answers;

/// <summary>Server-Sent Events (WHATWG HTML, section 9.2): the event's name is its type, its number its id.</summary>
internal sealed class SseFormat : IEventFormat
{
    public string ContentType => AcceptedTypes.ServerSentEvents;

    // A comment, which every reader of SSE passes over.
    public ReadOnlySpan<byte> Heartbeat => ": ping\n\n"u8;

    public void Begin(IBufferWriter<byte> target, Utf8JsonWriter json, string name, long number)
    {
        WriteHead(target, name, number);
        json.WriteStartObject();
    }

    public void End(IBufferWriter<byte> target) => target.Write("\n\n"u8);

    public void WriteRecords(IBufferWriter<byte> target, ReadOnlyMemory<byte> records)
    {
        var writer = new SpanWriter(target);

        for (var rest = records.Span; LogRecords.TryTake(ref rest, out var record);)
        {
            var head = RecordHead.Of(record);
            writer.Write("event: "u8);
            writer.Write(head.Name);
            writer.Write("\nid: "u8);
            writer.Write(head.NumberText);
            writer.Write("\ndata: "u8);
            writer.Write(record);
            writer.Write("\n\n"u8);
        }

        writer.Complete();
    }

    private static void WriteHead(IBufferWriter<byte> target, string name, long number) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"event: {name}\nid: {number}\ndata: "), target);
}
