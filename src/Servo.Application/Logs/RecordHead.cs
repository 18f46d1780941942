using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Servo.Application.Logs;

/// <summary>
/// The beginning of a record: <c>{"event":"NAME","seq":NUMBER</c>, and <c>,"count":COUNT</c> where it stands for as many that are numbered
/// from there on.
/// </summary>
public readonly ref struct RecordHead
{
    /// <summary>The bytes of the longest, and a few.</summary>
    public const int MaxBytes = 128;

    private RecordHead(ReadOnlySpan<byte> name, ReadOnlySpan<byte> numberText, long number, int count, int length)
    {
        Name = name;
        NumberText = numberText;
        (Number, Count, Length) = (number, count, length);
    }

    /// <summary>The name of the event.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>The number of the record, as its digits.</summary>
    public ReadOnlySpan<byte> NumberText { get; }

    /// <summary>The number of the record, or of the first that it stands for.</summary>
    public long Number { get; }

    /// <summary>For how many it stands; 1 for most.</summary>
    public int Count { get; }

    /// <summary>The bytes of the head.</summary>
    public int Length { get; }

    /// <summary>The number of what comes behind it.</summary>
    public long Next => Number + Count;

    /// <summary>Reads the head of a record; <see langword="false"/> where none begins here.</summary>
    public static bool TryRead(ReadOnlySpan<byte> record, out RecordHead head)
    {
        head = default;
        var start = "{\"event\":\""u8;

        if (!record.StartsWith(start))
            return false;

        var rest = record[start.Length..];
        var nameLength = rest[..Math.Min(rest.Length, MaxBytes)].IndexOf((byte)'"');
        var middle = "\",\"seq\":"u8;

        if (nameLength < 0 || !rest[nameLength..].StartsWith(middle))
            return false;

        var digits = rest[(nameLength + middle.Length)..];

        if (!Utf8Parser.TryParse(digits, out long number, out var length))
            return false;

        var behind = digits[length..];
        var more = ",\"count\":"u8;
        var (count, countLength) = (1, 0);

        if (behind.StartsWith(more) && !Utf8Parser.TryParse(behind[more.Length..], out count, out countLength))
            return false;

        var total = record.Length - behind.Length + (countLength > 0 ? more.Length + countLength : 0);
        head = new RecordHead(rest[..nameLength], digits[..length], number, count, total);
        return count > 0;
    }

    /// <summary>Reads the head of a record.</summary>
    /// <exception cref="JsonException">None begins here.</exception>
    public static RecordHead Of(ReadOnlySpan<byte> record) =>
        TryRead(record, out var head)
            ? head
            : throw new JsonException($"A record of a log does not begin as one: {Encoding.UTF8.GetString(record[..Math.Min(record.Length, MaxBytes)])}");

    /// <summary>The head of the last of whole records, each with its line feed.</summary>
    public static bool TryReadLast(ReadOnlySpan<byte> records, out RecordHead head)
    {
        head = default;
        return !records.IsEmpty && TryRead(records[(records[..^1].LastIndexOf((byte)'\n') + 1)..], out head);
    }
}
