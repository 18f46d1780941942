using System.Buffers.Binary;
using System.Text;
using Servo.Bundles;
using SharpCompress.Crypto;

namespace Servo.Infrastructure.Archives;

/// <summary>
/// Reads the names in the central directory of a zip archive (APPNOTE.TXT 4.3.12), one by one. SharpCompress takes the field 0x7075 for the name also where a
/// program that does not know it has changed the name, which its checksum tells.
/// </summary>
internal sealed class ZipDirectory(Stream file, long position)
{
    private const int HeaderBytes = 46;
    private const int Utf8Flag = 0x800;
    private const int UnicodePath = 0x7075;

    /// <summary>The encoding of what no flag calls UTF-8.</summary>
    public static ZipNames Names { get; } = new();

    public string ReadName()
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        Read(header);

        if (!header.StartsWith("PK\x01\x02"u8))
            throw Damaged();

        var name = new byte[BinaryPrimitives.ReadUInt16LittleEndian(header[28..])];
        var extra = new byte[BinaryPrimitives.ReadUInt16LittleEndian(header[30..])];
        Read(name);
        Read(extra);
        position += BinaryPrimitives.ReadUInt16LittleEndian(header[32..]);

        if ((BinaryPrimitives.ReadUInt16LittleEndian(header[8..]) & Utf8Flag) != 0)
            return Encoding.UTF8.GetString(name);

        return FromExtra(extra, name) ?? Names.GetString(name);
    }

    /// <summary>Fields of an identifier, a length and data; of this one a version, the checksum of the name in the header, the name in UTF-8.</summary>
    private static string? FromExtra(ReadOnlySpan<byte> extra, byte[] name)
    {
        while (extra.Length >= 4 && 4 + BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]) is var length && length <= extra.Length)
        {
            if (BinaryPrimitives.ReadUInt16LittleEndian(extra) == UnicodePath && length >= 9 && extra[4] == 1
                && BinaryPrimitives.ReadUInt32LittleEndian(extra[5..]) == Checksum(name))
                return Encoding.UTF8.GetString(extra[9..length]);

            extra = extra[length..];
        }

        return null;
    }

    private static uint Checksum(byte[] bytes)
    {
        using var checksum = new Crc32Stream(Stream.Null);
        checksum.Write(bytes);

        return checksum.Crc;
    }

    private static ArchiveException Damaged() => ArchiveException.Bad("its central directory is damaged");

    private void Read(Span<byte> bytes)
    {
        if (position < 0 || position > file.Length - bytes.Length)
            throw Damaged();

        file.Position = position;
        file.ReadExactly(bytes);
        position += bytes.Length;
    }
}
