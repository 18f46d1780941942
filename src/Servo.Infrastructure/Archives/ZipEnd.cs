using System.Buffers.Binary;

namespace Servo.Infrastructure.Archives;

/// <summary>The record that ends a zip archive (APPNOTE.TXT 4.3.16), found from behind as it may end in a comment.</summary>
internal static class ZipEnd
{
    private const int RecordBytes = 22;
    private const int LocatorBytes = 20;
    private const int Record64Bytes = 56;

    /// <summary>
    /// The number of entries that the archive states, where their directory starts and
    /// where the archive ends; throws if it has no end or if anything but zeros follows it.
    /// </summary>
    public static async ValueTask<(long Entries, long Directory, long End)> ReadAsync(Stream file, CancellationToken cancellationToken)
    {
        var startOfZeros = ZeroPadding.FindStart(file);
        var start = Math.Max(0, startOfZeros - LocatorBytes - RecordBytes - ushort.MaxValue);
        // The record itself may end in zeros.
        var tail = await ReadAsync(file, start, LocatorBytes + (2 * RecordBytes) + ushort.MaxValue, cancellationToken);
        var at = tail.AsSpan().LastIndexOf("PK\x05\x06"u8);

        if (at < 0 || tail.Length - at < RecordBytes)
            throw ArchiveException.Bad("it is cut short: it has no central directory");

        var end = start + at + RecordBytes + BinaryPrimitives.ReadUInt16LittleEndian(tail.AsSpan(at + 20));

        if (end > file.Length || end < startOfZeros)
            throw ArchiveException.Bad("something else follows its end, or its comment is cut short");

        var count = BinaryPrimitives.ReadUInt16LittleEndian(tail.AsSpan(at + 10));
        var size = BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(at + 12));
        var directory = BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(at + 16));
        var locator = at < LocatorBytes ? default : tail.AsSpan(at - LocatorBytes, LocatorBytes);

        if ((count < ushort.MaxValue && size < uint.MaxValue && directory < uint.MaxValue) || !locator.StartsWith("PK\x06\x07"u8))
            return (count, directory, end);

        var record = await ReadAsync(file, BinaryPrimitives.ReadInt64LittleEndian(locator[8..]), Record64Bytes, cancellationToken);

        return record.Length == Record64Bytes
            ? (BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(32)), BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(48)), end)
            : throw ArchiveException.Bad("its central directory is damaged");
    }

    private static async ValueTask<byte[]> ReadAsync(Stream file, long position, int bytes, CancellationToken cancellationToken)
    {
        if (position < 0 || position > file.Length)
            throw ArchiveException.Bad("its central directory is damaged");

        var buffer = new byte[Math.Min(bytes, file.Length - position)];
        file.Position = position;
        await file.ReadExactlyAsync(buffer, cancellationToken);

        return buffer;
    }
}
