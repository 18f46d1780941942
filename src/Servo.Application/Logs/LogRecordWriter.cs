using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Servo.Buffers;
using Servo.Domain.Runs;

namespace Servo.Application.Logs;

/// <summary>
/// Writes the records of a log in the form of <see cref="LogRecords"/>. A log may have millions of lines: what many of them have in common
/// is encoded once, and a line takes a third of the time that a <see cref="Utf8JsonWriter"/> takes for its members.
/// </summary>
internal sealed class LogRecordWriter
{
    private static readonly JavaScriptEncoder _encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    // What a string of JSON has as it is, and the ends of lines.
    private static readonly SearchValues<byte> _plain = SearchValues.Create(
        [(byte)'\n', .. Enumerable.Range(0x20, 0x7F - 0x20).Select(letter => (byte)letter).Where(letter => letter is not ((byte)'"' or (byte)'\\'))]);

    private readonly ArrayBufferWriter<byte> _target = new(4096);
    private DateTimeOffset _now;
    private (long Milliseconds, byte[] Text) _at = (-1, []);
    private (string? Script, OutputStream Stream, byte[] Text) _source = (null, default, []);

    /// <summary>The records that were written since the last <see cref="Clear"/>.</summary>
    public ReadOnlyMemory<byte> Written => _target.WrittenMemory;

    /// <summary>Their bytes.</summary>
    public int Length => _target.WrittenCount;

    /// <summary>Sets the moment of the records that follow.</summary>
    public void SetTime(DateTimeOffset now)
    {
        _now = now;

        if (now.UtcTicks / TimeSpan.TicksPerMillisecond is var milliseconds && milliseconds != _at.Milliseconds)
            _at = (milliseconds, [.. ",\"at\":\""u8, .. LogRecords.Encode(now).EncodedUtf8Bytes, .. "\""u8]);
    }

    /// <summary>Writes that the run has started.</summary>
    public void WriteStarted(long number)
    {
        using var json = Begin("started"u8, number);
        LogRecords.End(json, _target);
    }

    /// <summary>Writes that a script has ended.</summary>
    public void WriteScript(long number, ScriptResult script)
    {
        using var json = Begin("script"u8, number);
        LogRecords.WriteScript(json, script);
        LogRecords.End(json, _target);
    }

    /// <summary>Writes a line, or a part of one, that more follows.</summary>
    public void WriteLine(long number, long line, string? script, OutputStream stream, ReadOnlySpan<byte> text, bool more)
    {
        var writer = new SpanWriter(_target);
        writer.Write("{\"event\":\"line\",\"seq\":"u8);
        writer.Write(number);
        WriteOrigin(ref writer, line, script, stream);
        writer.Complete();
        WriteText(text);
        _target.Write(more ? "\",\"more\":true}\n"u8 : "\"}\n"u8);
    }

    /// <summary>Writes so many lines, each with its line feed.</summary>
    public void WriteLines(long number, int count, long line, string? script, OutputStream stream, ReadOnlySpan<byte> text)
    {
        var writer = new SpanWriter(_target);
        writer.Write("{\"event\":\"lines\",\"seq\":"u8);
        writer.Write(number);
        writer.Write(",\"count\":"u8);
        writer.Write(count);
        WriteOrigin(ref writer, line, script, stream);
        var isPlain = !text.ContainsAnyExcept(_plain);

        while (RunEvent.Output.TryTakeLine(ref text, out var one, out _))
        {
            if (isPlain)
            {
                writer.Write(one);
            }
            else
            {
                writer.Complete();
                WriteText(one);
            }

            writer.Write("\\n"u8);
        }

        writer.Write("\"}\n"u8);
        writer.Complete();
    }

    /// <summary>Drops what was written.</summary>
    public void Clear() => _target.ResetWrittenCount();

    private Utf8JsonWriter Begin(ReadOnlySpan<byte> name, long number)
    {
        var json = LogRecords.Writer(_target);
        json.WriteStartObject();
        json.WriteString("event"u8, name);
        json.WriteNumber("seq"u8, number);
        LogRecords.WriteTime(json, "at"u8, _now);
        return json;
    }

    private void WriteOrigin(ref SpanWriter writer, long line, string? script, OutputStream stream)
    {
        writer.Write(_at.Text);
        writer.Write(",\"n\":"u8);
        writer.Write(line);
        writer.Write(SourceOf(script, stream));
    }

    private void WriteText(ReadOnlySpan<byte> text)
    {
        if (_encoder.FindFirstCharacterToEncodeUtf8(text) < 0)
        {
            _target.Write(text);
            return;
        }

        while (!text.IsEmpty)
        {
            _encoder.EncodeUtf8(text, _target.GetSpan(text.Length + 256), out var consumed, out var written);
            _target.Advance(written);
            text = text[consumed..];
        }
    }

    private ReadOnlySpan<byte> SourceOf(string? script, OutputStream stream)
    {
        if (_source.Text.Length == 0 || _source.Script != script || _source.Stream != stream)
            _source = (script, stream, Encode(script, stream));

        return _source.Text;
    }

    private static byte[] Encode(string? script, OutputStream stream) =>
    [
        .. ",\"script\":"u8,
        .. script is null ? "null"u8 : [(byte)'"', .. LogRecords.Encode(script).EncodedUtf8Bytes, (byte)'"'],
        .. stream == OutputStream.Servo ? ",\"stream\":\"servo\",\"text\":\""u8 : ",\"stream\":\"stdout\",\"text\":\""u8,
    ];
}
