using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Servo.AspNetCore.Refusals;

namespace Servo.AspNetCore.Answers;

/// <summary>Server-Sent Events (WHATWG HTML, section 9.2): the event's name is its type, a line's number its id.</summary>
internal sealed class SseFormat : IEventFormat
{
    public string ContentType => AcceptedTypes.ServerSentEvents;

    // A comment, which every reader of SSE passes over.
    public ReadOnlySpan<byte> Heartbeat => ": ping\n\n"u8;

    public void Begin(IBufferWriter<byte> target, Utf8JsonWriter json, string name, long? id)
    {
        var head = id is null ? $"event: {name}\ndata: " : string.Create(CultureInfo.InvariantCulture, $"event: {name}\nid: {id}\ndata: ");
        Encoding.UTF8.GetBytes(head, target);
        json.WriteStartObject();
    }

    public void End(IBufferWriter<byte> target) => target.Write("\n\n"u8);
}
