using System.Buffers;
using System.Globalization;
using System.Text;

namespace Servo.Infrastructure.Archives;

/// <summary>
/// The records of PAX extended headers, <c>"%d %s=%s\n", length, keyword, value</c> (POSIX.1-2017, pax): those that say what an entry is called, where it
/// points, how long it is and whether it is sparse. The rest (owners, times, extended attributes) is never restored, so it is not kept.
/// </summary>
internal sealed class PaxRecords
{
    private readonly ArrayBufferWriter<byte> _kept = new();

    public bool IsEmpty => _kept.WrittenCount == 0;

    public bool HasPath { get; private set; }

    public ReadOnlySpan<byte> Bytes => _kept.WrittenSpan;

    public void Add(ReadOnlySpan<byte> records)
    {
        while (!records.IsEmpty)
        {
            var space = records.IndexOf((byte)' ');

            // The length counts the whole record: its own digits, and the line feed too.
            if (space < 0 || !int.TryParse(records[..space], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                || length < space + 2 || length > records.Length || records[length - 1] != '\n')
                throw RejectedArchiveException.Bad("an extended header is damaged");

            Keep(records[..length], records[(space + 1)..length]);
            records = records[length..];
        }
    }

    public void AddPath(ReadOnlySpan<byte> path)
    {
        var rest = " path=\n".Length + path.Length;
        var length = rest + 1;

        while (length != rest + length.ToString(CultureInfo.InvariantCulture).Length)
            length++;

        Add([.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{length} path=")), .. path, (byte)'\n']);
    }

    private void Keep(ReadOnlySpan<byte> record, ReadOnlySpan<byte> content)
    {
        var isPath = content.StartsWith("path="u8);
        HasPath |= isPath;

        if (isPath || content.StartsWith("linkpath="u8) || content.StartsWith("size="u8) || content.StartsWith("GNU.sparse."u8))
            _kept.Write(record);
    }
}
