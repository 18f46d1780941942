using System.Buffers;
using System.Text.Json;
using Servo.AspNetCore.Refusals;

namespace Servo.AspNetCore.Answers;

/// <summary>Newline-delimited JSON: one object a line; the event's name is its member <c>event</c>.</summary>
internal sealed class NdjsonFormat : IEventFormat
{
    public string ContentType => AcceptedTypes.NewlineDelimitedJson;

    public ReadOnlySpan<byte> Heartbeat => "{\"event\":\"ping\"}\n"u8;

    public void Begin(IBufferWriter<byte> target, Utf8JsonWriter json, string name, long? id)
    {
        json.WriteStartObject();
        json.WriteString("event", name);
    }

    public void End(IBufferWriter<byte> target) => target.Write("\n"u8);
}
