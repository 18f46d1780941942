using System.Buffers;
using System.Text.Json;
using Servo.AspNetCore.Refusals;

namespace Servo.AspNetCore.Answers;

/// <summary>Newline-delimited JSON: one object a line; the event's name is its member <c>event</c>, its number <c>seq</c>.</summary>
internal sealed class NdjsonFormat : IEventFormat
{
    public string ContentType => AcceptedTypes.NewlineDelimitedJson;

    public ReadOnlySpan<byte> Heartbeat => "{\"event\":\"ping\"}\n"u8;

    public void Begin(IBufferWriter<byte> target, Utf8JsonWriter json, string name, long number)
    {
        json.WriteStartObject();
        json.WriteString("event", name);
        json.WriteNumber("seq", number);
    }

    public void End(IBufferWriter<byte> target) => target.Write("\n"u8);

    // This is the form that the log has.
    public void WriteRecords(IBufferWriter<byte> target, ReadOnlyMemory<byte> records) => target.Write(records.Span);
}
