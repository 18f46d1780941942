using System.Buffers;
using System.Text.Json;

namespace Servo.AspNetCore.Answers;

/// <summary>How events are framed.</summary>
internal interface IEventFormat
{
    string ContentType { get; }

    /// <summary>What breaks the silence, and tells nothing.</summary>
    ReadOnlySpan<byte> Heartbeat { get; }

    /// <summary>Writes what stands before an event's members, the opening brace included.</summary>
    void Begin(IBufferWriter<byte> target, Utf8JsonWriter json, string name, long number);

    /// <summary>Writes what stands behind the closing brace.</summary>
    void End(IBufferWriter<byte> target);

    /// <summary>Writes whole records of a log.</summary>
    void WriteRecords(IBufferWriter<byte> target, ReadOnlyMemory<byte> records);
}
