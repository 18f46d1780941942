using System.Buffers.Text;

namespace Servo.Infrastructure.Logs;

/// <summary>Reads the numbers of records: each is a line that begins with <c>{"event":"NAME","seq":NUMBER</c>.</summary>
internal static class RecordHead
{
    public const byte LineFeed = (byte)'\n';

    /// <summary>Enough for the beginning of any record, up to its number and one more.</summary>
    public const int MaxBytes = 128;

    /// <summary>The number of the record that begins here; <see langword="null"/> where none does.</summary>
    public static long? NumberOf(ReadOnlySpan<byte> record)
    {
        var start = "{\"event\":\""u8;

        if (!record.StartsWith(start))
            return null;

        var rest = record[start.Length..];
        var end = rest[..Math.Min(rest.Length, MaxBytes)].IndexOf((byte)'"');
        var middle = "\",\"seq\":"u8;

        return end >= 0 && rest[end..].StartsWith(middle) && Utf8Parser.TryParse(rest[(end + middle.Length)..], out long number, out _) ? number : null;
    }

    /// <summary>How many records these are.</summary>
    public static int Count(ReadOnlySpan<byte> records) => records.Count(LineFeed);
}
