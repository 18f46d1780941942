using Servo.Application.Logs;

namespace Servo.Application.Runs;

/// <summary>The records of a run that was said last, each unpacked once for all who follow it.</summary>
internal sealed class UnpackedRecords
{
    private const int Kept = 32;

    private readonly Lock _lock = new();
    private readonly Queue<(long Number, ReadOnlyMemory<byte> Records)> _recent = new();
    private long _newest;

    /// <summary>Whole records from this number on, which the first contains, in pieces.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Of(ReadOnlyMemory<byte> records, long from, UnpackedRecords? shared)
    {
        while (!records.IsEmpty)
        {
            var plain = PackedLines.IndexIn(records.Span) is var index and >= 0 ? index : records.Length;

            if (plain > 0)
                yield return records[..plain];

            records = records[plain..];

            if (LogRecords.TryTake(ref records, out var record))
                yield return shared is null ? PackedLines.Unpack(record, from) : shared.Of(record, from);
        }
    }

    private ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> record, long from)
    {
        var number = RecordHead.Of(record.Span).Number;

        // A reader that begins in the middle, or is far behind, has it alone.
        if (number < from)
            return PackedLines.Unpack(record, from);

        lock (_lock)
        {
            foreach (var recent in _recent)
            {
                if (recent.Number == number)
                    return recent.Records;
            }

            if (number > _newest)
            {
                var unpacked = PackedLines.Unpack(record, from);
                (_newest, _) = (number, _recent.Count == Kept ? _recent.Dequeue() : default);
                _recent.Enqueue((number, unpacked));
                return unpacked;
            }
        }

        return PackedLines.Unpack(record, from);
    }
}
