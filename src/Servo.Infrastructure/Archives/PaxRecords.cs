using System.Globalization;

namespace Servo.Infrastructure.Archives;

/// <summary>
/// The records of a PAX extended header, <c>"%d %s=%s\n", length, keyword, value</c> (POSIX.1-2017, pax): those that say what an entry is called, where it
/// points, how long it is and whether it is sparse; of several with one keyword the last. The rest (owners, times, extended attributes) is never restored.
/// </summary>
internal sealed class PaxRecords
{
    public PaxRecords(ReadOnlySpan<byte> records)
    {
        while (!records.IsEmpty)
        {
            var space = records.IndexOf((byte)' ');

            // The length counts the whole record: its own digits, and the line feed too.
            if (space < 0 || !int.TryParse(records[..space], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                || length < space + 2 || length > records.Length || records[length - 1] != '\n')
                throw ArchiveException.Bad("an extended header is damaged");

            Take(records[(space + 1)..(length - 1)]);
            records = records[length..];
        }
    }

    public string? Path { get; private set; }

    public string? LinkPath { get; private set; }

    public long? Size { get; private set; }

    public bool IsSparse { get; private set; }

    private void Take(ReadOnlySpan<byte> record)
    {
        var equals = record.IndexOf((byte)'=');
        var key = record[..Math.Max(equals, 0)];
        var value = record[(equals + 1)..];

        // A text ends at a NUL, as those of older headers do.
        if (key.SequenceEqual("path"u8))
            Path = TarBlock.Text(value);
        else if (key.SequenceEqual("linkpath"u8))
            LinkPath = TarBlock.Text(value);
        else if (key.SequenceEqual("size"u8))
            Size = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
                ? size
                : throw ArchiveException.Bad("an extended header is damaged: a size is no number");
        else if (key.StartsWith("GNU.sparse."u8))
            IsSparse = true;
    }
}
