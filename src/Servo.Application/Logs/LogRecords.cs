using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Servo.Domain.Runs;

namespace Servo.Application.Logs;

/// <summary>
/// The form in which a log keeps events: one JSON object a line, with the members <c>event</c>, <c>seq</c> (its number) and <c>at</c> (RFC 3339, UTC, in
/// milliseconds) first. A line longer than <see cref="MaxText"/> is several records of the same <c>n</c>, all but its last with <c>more</c>.
/// </summary>
public static class LogRecords
{
    /// <summary>The most bytes of a line in one record, in UTF-8.</summary>
    public const int MaxText = 32 * 1024;

    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    // Read by programs and terminals and never put into a page: text stays readable.
    private static readonly JsonWriterOptions _options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A writer of single records; reset it before each.</summary>
    public static Utf8JsonWriter Writer(IBufferWriter<byte> target) => new(target, _options);

    /// <summary>Ends a record.</summary>
    public static void End(Utf8JsonWriter json, IBufferWriter<byte> target)
    {
        json.WriteEndObject();
        json.Flush();
        json.Reset();
        target.Write("\n"u8);
    }

    /// <summary>A text as records have it.</summary>
    public static JsonEncodedText Encode(string text) => JsonEncodedText.Encode(text, _options.Encoder);

    /// <summary>A moment as records have it.</summary>
    public static JsonEncodedText Encode(DateTimeOffset at) => Encode(at.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture));

    /// <summary>Writes a moment as the log does.</summary>
    public static void WriteTime(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset at)
    {
        Span<byte> text = stackalloc byte[24];
        at.UtcDateTime.TryFormat(text, out var length, TimeFormat, CultureInfo.InvariantCulture);
        json.WriteString(name, text[..length]);
    }

    /// <summary>Writes the members of a script's result.</summary>
    public static void WriteScript(Utf8JsonWriter json, ScriptResult script)
    {
        json.WriteString("name"u8, script.Name);
        json.WriteNumber("exitCode"u8, script.ExitCode);
        json.WriteNumber("seconds"u8, Math.Round(script.Elapsed.TotalSeconds, 3));
    }

    /// <summary>Takes the first record off a sequence of whole ones, without its line feed.</summary>
    public static bool TryTake(ref ReadOnlyMemory<byte> records, out ReadOnlyMemory<byte> record)
    {
        var end = records.Span.IndexOf((byte)'\n');
        record = end < 0 ? default : records[..end];
        records = end < 0 ? records : records[(end + 1)..];
        return end >= 0;
    }

    /// <summary>Reads what names a record.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static (string Event, long Number) HeadOf(ReadOnlySpan<byte> record)
    {
        var json = new Utf8JsonReader(record);
        Expect(ref json, JsonTokenType.StartObject);
        Expect(ref json, JsonTokenType.PropertyName);
        Expect(ref json, JsonTokenType.String);
        var name = json.GetString()!;
        Expect(ref json, JsonTokenType.PropertyName);
        Expect(ref json, JsonTokenType.Number);
        return (name, json.GetInt64());
    }

    /// <summary>
    /// Reads a record that is a line, or a part of one; <see langword="null"/> where it is another event. It looks for members without reading those before:
    /// no text holds what it looks for, as every quotation mark in one has a backslash before it. The text is a part of the record, or of the scratch.
    /// </summary>
    /// <exception cref="JsonException">It has no text.</exception>
    public static LineRecord? LineOf(ReadOnlySpan<byte> record, ArrayBufferWriter<byte> scratch, out ReadOnlySpan<byte> text)
    {
        text = default;

        if (!record.StartsWith("{\"event\":\"line\","u8))
            return null;

        var name = ",\"text\":"u8;
        var end = "}"u8;
        var endOfPart = ",\"more\":true}"u8;
        var start = record.IndexOf(name);
        var more = record.EndsWith(endOfPart);

        if (start < 0)
            throw new JsonException("A line in a log has no text.");

        text = TextOf(record[(start + name.Length)..^(more ? endOfPart.Length : end.Length)], scratch);

        return new LineRecord(IsGateways: record[..start].EndsWith("\"servo\""u8), EndsLine: !more);
    }

    /// <summary>Whether one of these records is a line of the gateway's own: no text holds this, see <see cref="LineOf"/>.</summary>
    public static bool HasGatewayLine(ReadOnlySpan<byte> records) => records.IndexOf(",\"stream\":\"servo\","u8) >= 0;

    /// <summary>What a string of JSON says: most have nothing that is escaped, and are it.</summary>
    private static ReadOnlySpan<byte> TextOf(ReadOnlySpan<byte> value, ArrayBufferWriter<byte> scratch)
    {
        if (value is [(byte)'"', .., (byte)'"'] && !value.Contains((byte)'\\'))
            return value[1..^1];

        var json = new Utf8JsonReader(value);
        Expect(ref json, JsonTokenType.String);
        scratch.ResetWrittenCount();
        scratch.Advance(json.CopyString(scratch.GetSpan(json.ValueSpan.Length + 1)));
        return scratch.WrittenSpan;
    }

    private static void Expect(ref Utf8JsonReader json, JsonTokenType type)
    {
        if (!json.Read() || json.TokenType != type)
            throw new JsonException($"A record of a log does not begin as one: {Encoding.UTF8.GetString(json.ValueSpan)}");
    }
}

/// <summary>What a line's record says of it, besides its text.</summary>
/// <param name="IsGateways">Whether it is the gateway's own.</param>
/// <param name="EndsLine">Whether the line ends with this record.</param>
public readonly record struct LineRecord(bool IsGateways, bool EndsLine);
