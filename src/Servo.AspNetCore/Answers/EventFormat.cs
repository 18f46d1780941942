using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Servo.AspNetCore.Refusals;

namespace Servo.AspNetCore.Answers;

/// <summary>How an event is framed around its JSON object.</summary>
internal abstract class EventFormat
{
    /// <summary>Server-Sent Events (WHATWG HTML, section 9.2): the event's name is its type, a line's number its id.</summary>
    public static EventFormat ServerSentEvents { get; } = new SseFormat();

    /// <summary>One object a line; the event's name is its member <c>event</c>.</summary>
    public static EventFormat NewlineDelimitedJson { get; } = new NdjsonFormat();

    public abstract string ContentType { get; }

    /// <summary>A sign of life, which tells nothing.</summary>
    public abstract ReadOnlySpan<byte> Ping { get; }

    /// <summary>Writes what stands before the object's members, the opening brace included.</summary>
    public abstract void Begin(IBufferWriter<byte> target, Utf8JsonWriter json, string name, long? id);

    /// <summary>Writes what stands behind the object.</summary>
    public abstract void End(IBufferWriter<byte> target);

    private sealed class SseFormat : EventFormat
    {
        public override string ContentType => AcceptedTypes.ServerSentEvents;

        // A comment, which every reader of SSE passes over.
        public override ReadOnlySpan<byte> Ping => ": ping\n\n"u8;

        public override void Begin(IBufferWriter<byte> target, Utf8JsonWriter json, string name, long? id)
        {
            var head = id is null ? $"event: {name}\ndata: " : string.Create(CultureInfo.InvariantCulture, $"event: {name}\nid: {id}\ndata: ");
            Encoding.UTF8.GetBytes(head, target);
            json.WriteStartObject();
        }

        public override void End(IBufferWriter<byte> target) => target.Write("\n\n"u8);
    }

    private sealed class NdjsonFormat : EventFormat
    {
        public override string ContentType => AcceptedTypes.NewlineDelimitedJson;

        public override ReadOnlySpan<byte> Ping => "{\"event\":\"ping\"}\n"u8;

        public override void Begin(IBufferWriter<byte> target, Utf8JsonWriter json, string name, long? id)
        {
            json.WriteStartObject();
            json.WriteString("event", name);
        }

        public override void End(IBufferWriter<byte> target) => target.Write("\n"u8);
    }
}
