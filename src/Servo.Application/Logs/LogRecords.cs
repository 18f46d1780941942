using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Servo.Domain.Runs;

namespace Servo.Application.Logs;

/// <summary>
/// The form in which a log keeps events: one JSON object a line, with the members <c>event</c>, <c>seq</c> (its number) and <c>at</c> (RFC
/// 3339, UTC, in milliseconds) first. A line longer than <see cref="MaxText"/> is several records of the same <c>n</c>, all but its last
/// with <c>more</c>; lines that a script wrote at once are one record (<see cref="PackedLines"/>).
/// </summary>
public static class LogRecords
{
    /// <summary>The most bytes of text in one record, in UTF-8 and before it is escaped.</summary>
    public const int MaxText = 32 * 1024;

    /// <summary>The most lines in one record: what it stands for is never large either.</summary>
    public const int MaxLines = 256;

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

        if (script.Usage is { } used)
        {
            json.WriteNumber("cpuSeconds"u8, Math.Round(used.Cpu.TotalSeconds, 3));
            json.WriteNumber("peakMemoryBytes"u8, used.PeakMemory);
            json.WriteNumber("writtenBytes"u8, used.WrittenBytes);
        }
    }

    /// <summary>Takes the first record off a sequence of whole ones, without its line feed.</summary>
    public static bool TryTake(ref ReadOnlyMemory<byte> records, out ReadOnlyMemory<byte> record)
    {
        var rest = records.Span;
        var isTaken = TryTake(ref rest, out var taken);
        record = records[..taken.Length];
        records = records[^rest.Length..];
        return isTaken;
    }

    /// <inheritdoc cref="TryTake(ref ReadOnlyMemory{byte}, out ReadOnlyMemory{byte})"/>
    public static bool TryTake(ref ReadOnlySpan<byte> records, out ReadOnlySpan<byte> record)
    {
        var end = records.IndexOf((byte)'\n');
        record = end < 0 ? default : records[..end];
        records = end < 0 ? records : records[(end + 1)..];
        return end >= 0;
    }

    /// <summary>
    /// Reads a record that is output: a line, a part of one, or several (<see cref="PackedLines"/>); <see langword="null"/> where it is
    /// another event. It looks for members without reading those before: no text holds what it looks for, as every quotation mark in one
    /// has a backslash before it. The text is a part of the record, or of the scratch.
    /// </summary>
    /// <exception cref="JsonException">It has no text.</exception>
    public static OutputRecord? OutputOf(ReadOnlySpan<byte> record, ArrayBufferWriter<byte> scratch, out ReadOnlySpan<byte> text)
    {
        text = default;

        if (!record.StartsWith("{\"event\":\"line\","u8) && !record.StartsWith("{\"event\":\"lines\","u8))
            return null;

        var name = ",\"text\":"u8;
        var end = "}"u8;
        var endOfPart = ",\"more\":true}"u8;
        var start = record.IndexOf(name);
        var more = record.EndsWith(endOfPart);

        if (start < 0)
            throw new JsonException("A line in a log has no text.");

        text = TextOf(record[(start + name.Length)..^(more ? endOfPart.Length : end.Length)], scratch);

        return new OutputRecord(IsGateways: record[..start].EndsWith("\"servo\""u8), IsOneLine: !more && PackedLines.IndexIn(record) != 0);
    }

    /// <summary>Whether one of these records is a line of the gateway's own: no text holds this, see <see cref="OutputOf"/>.</summary>
    public static bool HasGatewayLine(ReadOnlySpan<byte> records) => records.IndexOf(",\"stream\":\"servo\","u8) >= 0;

    /// <summary>What a string of JSON says: most have nothing that is escaped, or line feeds alone, and need no parser.</summary>
    private static ReadOnlySpan<byte> TextOf(ReadOnlySpan<byte> value, ArrayBufferWriter<byte> scratch)
    {
        scratch.ResetWrittenCount();

        if (value is not [(byte)'"', .., (byte)'"'])
            throw new JsonException("The text of a line in a log must be a string.");

        if (!value.Contains((byte)'\\'))
            return value[1..^1];

        for (var rest = value[1..^1]; ;)
        {
            var end = rest.IndexOf((byte)'\\');
            scratch.Write(end < 0 ? rest : rest[..end]);

            if (end < 0)
                return scratch.WrittenSpan;

            if (rest[end + 1] != 'n')
                break;

            scratch.Write("\n"u8);
            rest = rest[(end + 2)..];
        }

        var json = new Utf8JsonReader(value);
        json.Read();
        scratch.ResetWrittenCount();
        scratch.Advance(json.CopyString(scratch.GetSpan(json.ValueSpan.Length + 1)));
        return scratch.WrittenSpan;
    }
}
