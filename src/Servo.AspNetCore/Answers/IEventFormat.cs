using System.Buffers;
using System.Text.Json;

namespace Servo.AspNetCore.Answers;

/// <summary>How an event is framed around its JSON object.</summary>
internal interface IEventFormat
{
    string ContentType { get; }

    /// <summary>What breaks the silence, and tells nothing.</summary>
    ReadOnlySpan<byte> Heartbeat { get; }

    /// <summary>Writes what stands before the object's members, the opening brace included.</summary>
    void Begin(IBufferWriter<byte> target, Utf8JsonWriter json, string name, long? id);

    /// <summary>Writes what stands behind the object.</summary>
    void End(IBufferWriter<byte> target);
}
