using System.Buffers.Text;
using System.Text.Json;
using Servo.Buffers;

namespace Servo.Application.Logs;

/// <summary>
/// Reads records as followers of a log get them. What a script wrote at once is kept as one record <c>lines</c>, with the <c>count</c> of
/// them, whose <c>text</c> has a line feed behind each: this makes the records <c>line</c> that it stands for, without reading what their
/// texts say.
/// </summary>
public static class PackedLines
{
    /// <summary>
    /// Where the first record of this kind begins; -1 where there is none. No text holds what it looks for: in one, a quotation mark has a
    /// backslash before it.
    /// </summary>
    public static int IndexIn(ReadOnlySpan<byte> records) => records.IndexOf("{\"event\":\"lines\","u8);

    /// <summary>The records from this number on for which one of this kind stands.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static ReadOnlyMemory<byte> Unpack(ReadOnlyMemory<byte> record, long from)
    {
        var head = RecordHead.Of(record.Span);
        var start = "{\"event\":\"line\",\"seq\":"u8;
        var numberName = ",\"n\":"u8;
        var textName = ",\"text\":\""u8;
        var end = "\"}\n"u8;
        var rest = record.Span[head.Length..];
        var time = rest[..Math.Max(0, rest.IndexOf(numberName))];
        var text = rest.IndexOf(textName);

        if (time.IsEmpty || text < 0 || !rest.EndsWith("\"}"u8)
            || !Utf8Parser.TryParse(rest[(time.Length + numberName.Length)..], out long line, out var digits))
            throw new JsonException("A record of several lines has no text.");

        var source = rest[(time.Length + numberName.Length + digits)..(text + textName.Length)];
        var lines = rest[(text + textName.Length)..^2];
        var most = start.Length + time.Length + numberName.Length + source.Length + end.Length + (2 * SpanWriter.MaxNumberBytes);
        var target = GC.AllocateUninitializedArray<byte>(lines.Length + (head.Count * most));
        var writer = new SpanWriter(target);

        for (var number = head.Number; number < head.Next; number++, line++)
        {
            var length = LengthOfLine(lines);

            if (number >= from)
            {
                writer.Write(start);
                writer.Write(number);
                writer.Write(time);
                writer.Write(numberName);
                writer.Write(line);
                writer.Write(source);
                writer.Write(lines[..length]);
                writer.Write(end);
            }

            lines = lines[(length + 2)..];
        }

        return target.AsMemory(0, writer.Written);
    }

    /// <summary>The bytes up to the first line feed, which is a backslash and an n: what stands behind another backslash is none.</summary>
    private static int LengthOfLine(ReadOnlySpan<byte> lines)
    {
        for (var at = 0; ; at += 2)
        {
            var next = lines[at..].IndexOf((byte)'\\');

            if (next < 0)
                throw new JsonException("A record of several lines has fewer than it says.");

            at += next;

            if (lines[at + 1] == 'n')
                return at;
        }
    }
}
