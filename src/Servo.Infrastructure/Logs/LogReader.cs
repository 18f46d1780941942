using Microsoft.Win32.SafeHandles;
using Servo.Application.Logs;

namespace Servo.Infrastructure.Logs;

/// <summary>Reads whole records from the file of a log, as far as it is written.</summary>
/// <param name="file">The file.</param>
/// <param name="length">Its bytes that count; an incomplete record at their end does not.</param>
internal sealed class LogReader(SafeFileHandle file, long length)
{
    private const int BlockBytes = 16 * 1024;
    private const byte LineFeed = (byte)'\n';

    /// <summary>Reads from a position on.</summary>
    public LogSlice Read(LogPosition position, int maxBytes)
    {
        if (position.Offset >= 0 && ReadAt(position, maxBytes) is { } slice)
            return slice;

        return Find(position.Number) is { } offset && ReadAt(position with { Offset = offset }, maxBytes) is { } found
            ? found
            : new LogSlice(default, LogPosition.Of(position.Number));
    }

    /// <summary>
    /// Whole records that begin at this position; <see langword="null"/> where their first neither has its number nor stands for it.
    /// </summary>
    public static LogSlice? SliceOf(ReadOnlyMemory<byte> records, LogPosition position) =>
        RecordHead.TryRead(records.Span, out var first) && first.Number <= position.Number && position.Number < first.Next
        && RecordHead.TryReadLast(records.Span, out var last)
            ? new LogSlice(records, new LogPosition(last.Next, position.Offset + records.Length))
            : null;

    /// <summary>The bytes up to the end of the last whole record, and its number; 0 where there is none.</summary>
    public (long Bytes, long Number) Last()
    {
        var end = EndOfRecordBefore(length);

        return end == 0 ? (0, 0) : (end, NumbersAt(EndOfRecordBefore(end - 1)).Next - 1);
    }

    /// <summary>Whether these bytes stand here.</summary>
    public bool HasAt(long offset, ReadOnlySpan<byte> expected)
    {
        if (offset + expected.Length > length)
            return false;

        var found = new byte[expected.Length];
        return ReadFully(found, offset) == found.Length && expected.SequenceEqual(found);
    }

    /// <summary>
    /// Where the record begins that has this number or stands for it, by bisection; the end where it is the next to be written. <see
    /// langword="null"/> where it lies further ahead.
    /// </summary>
    public long? Find(long number)
    {
        var (end, last) = Last();

        if (number > last)
            return number == last + 1 ? end : null;

        // The record begins in [low, high); low is the beginning of one.
        var (low, high) = (0L, end);

        while (high - low > BlockBytes)
        {
            var middle = low + ((high - low) / 2);
            var start = NextRecord(middle);

            if (start >= high || NumbersAt(start).First > number)
                high = start >= high ? middle + 1 : start;
            else
                low = start;
        }

        return Skip(low, number);
    }

    private LogSlice? ReadAt(LogPosition position, int maxBytes)
    {
        var available = length - position.Offset;

        if (available <= 0)
            return available == 0 ? new LogSlice(default, position) : null;

        for (var size = Math.Min(available, Math.Max(maxBytes, RecordHead.MaxBytes)); ; size = Math.Min(available, size * 2))
        {
            var buffer = GC.AllocateUninitializedArray<byte>((int)size);
            var read = buffer.AsMemory(0, ReadFully(buffer, position.Offset));
            var whole = read[..(read.Span.LastIndexOf(LineFeed) + 1)];

            // More than was asked for only where not even one record fits.
            if (size > maxBytes && whole.Length > maxBytes)
                whole = Limit(whole, maxBytes);

            if (whole.Length > 0)
                return SliceOf(whole, position);

            if (size == available)
                return new LogSlice(default, position);
        }
    }

    private static Memory<byte> Limit(Memory<byte> records, int maxBytes)
    {
        var fitting = records.Span[..maxBytes].LastIndexOf(LineFeed);
        return records[..((fitting >= 0 ? fitting : records.Span.IndexOf(LineFeed)) + 1)];
    }

    /// <summary>Where the record of this number begins, read from an earlier one on.</summary>
    private long Skip(long start, long number)
    {
        var block = new byte[BlockBytes];

        while (true)
        {
            ReadOnlySpan<byte> rest = block.AsSpan(0, ReadFully(block, start));

            do
            {
                if (NumbersOf(rest, start).Next > number)
                    return start;

                // A record longer than the block is left by the next read.
                var length = rest.IndexOf(LineFeed) + 1;
                start = length > 0 ? start + length : NextRecord(start);
                rest = rest[(length > 0 ? length : rest.Length)..];
            }
            while (rest.Length >= RecordHead.MaxBytes);
        }
    }

    /// <summary>Where the first record begins after this byte, or the end.</summary>
    private long NextRecord(long offset)
    {
        var block = new byte[BlockBytes];

        while (true)
        {
            var read = ReadFully(block, offset);
            var feed = block.AsSpan(0, read).IndexOf(LineFeed);

            if (feed >= 0)
                return offset + feed + 1;

            if (read < block.Length)
                return length;

            offset += read;
        }
    }

    /// <summary>Where the last record ends that ends at this byte or before.</summary>
    private long EndOfRecordBefore(long end)
    {
        if (end == 0)
            return 0;

        var block = new byte[Math.Min(BlockBytes, end)];

        while (end > 0)
        {
            var start = Math.Max(0, end - block.Length);
            var read = ReadFully(block.AsSpan(0, (int)(end - start)), start);
            var feed = block.AsSpan(0, read).LastIndexOf(LineFeed);

            if (feed >= 0)
                return start + feed + 1;

            end = start;
        }

        return 0;
    }

    private (long First, long Next) NumbersAt(long start)
    {
        Span<byte> bytes = stackalloc byte[RecordHead.MaxBytes];
        return NumbersOf(bytes[..ReadFully(bytes, start)], start);
    }

    private static (long First, long Next) NumbersOf(ReadOnlySpan<byte> record, long start) => RecordHead.TryRead(record, out var head)
        ? (head.Number, head.Next)
        : throw new InvalidDataException($"A log is damaged: no record begins at byte {start}.");

    private int ReadFully(Span<byte> buffer, long offset)
    {
        if (offset + buffer.Length > length)
            buffer = buffer[..(int)Math.Max(0, length - offset)];

        var total = 0;

        while (total < buffer.Length && RandomAccess.Read(file, buffer[total..], offset + total) is var read and > 0)
            total += read;

        return total;
    }
}
