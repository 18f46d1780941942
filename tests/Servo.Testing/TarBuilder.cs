using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Servo.Testing;

/// <summary>
/// Writes tar archives header by header, hostile ones too: nothing is checked,
/// and any byte of a header can be changed before its checksum is made.
/// </summary>
public sealed class TarBuilder
{
    /// <summary>The mode 0644.</summary>
    public const int Ordinary = 0x1a4;

    /// <summary>The mode 0755.</summary>
    public const int Executable = 0x1ed;

    private readonly List<byte> _tar = [];

    public TarBuilder File(string name, string content = "", int mode = Ordinary, Action<byte[]>? change = null) =>
        Entry('0', name, Encoding.UTF8.GetBytes(content), mode: mode, change: change);

    public TarBuilder Directory(string name) => Entry('5', name, mode: Executable);

    public TarBuilder SymbolicLink(string name, string target) => Entry('2', name, link: target);

    public TarBuilder HardLink(string name, string target) => Entry('1', name, link: target);

    /// <summary>One PAX extended header, of the entry that follows it or, with the type <c>g</c>, of all.</summary>
    public TarBuilder Pax(char type = 'x', params (string Key, string Value)[] records) =>
        Entry(type, "PaxHeader", [.. records.SelectMany(record => Record(record.Key, record.Value))]);

    /// <summary>A GNU long name (<c>L</c>) or long link target (<c>K</c>) of the entry that follows it.</summary>
    public TarBuilder Gnu(char type, string text) => Entry(type, "././@LongLink", Encoding.UTF8.GetBytes(text + '\0'), change: UseGnuMagic);

    /// <summary>Any entry: a ustar header, the data and their padding.</summary>
    public TarBuilder Entry(
        char type, string name, byte[]? data = null, string link = "", int mode = Ordinary, Action<byte[]>? change = null,
        bool rightChecksum = true)
    {
        data ??= [];
        var header = new byte[512];
        Put(header, 0, name);
        Put(header, 100, Octal(mode, 7));
        Put(header, 108, Octal(1000, 7));
        Put(header, 116, Octal(1000, 7));
        Put(header, 124, Octal(data.Length, 11));
        Put(header, 136, Octal(1_700_000_000, 11));
        header[156] = (byte)type;
        Put(header, 157, link);
        Put(header, 257, "ustar\000");
        change?.Invoke(header);
        Put(header, 148, "        ");
        Put(header, 148, Octal(header.Sum(value => value) + (rightChecksum ? 0 : 1), 6) + "\0 ");

        return Raw(header).Raw(data).Raw(new byte[(512 - (data.Length % 512)) % 512]);
    }

    public TarBuilder Raw(byte[] bytes)
    {
        _tar.AddRange(bytes);
        return this;
    }

    public static void UseGnuMagic(byte[] header) => Put(header, 257, "ustar  \0");

    public static void Put(byte[] header, int offset, string text) => Encoding.UTF8.GetBytes(text).CopyTo(header, offset);

    /// <summary>A PAX record, whose length counts itself.</summary>
    public static byte[] Record(string key, string value)
    {
        var content = Encoding.UTF8.GetBytes($" {key}={value}\n");
        var length = content.Length + 1;

        while (length != content.Length + length.ToString(CultureInfo.InvariantCulture).Length)
            length++;

        return [.. Encoding.ASCII.GetBytes(length.ToString(CultureInfo.InvariantCulture)), .. content];
    }

    public byte[] ToTar(bool endMarker = true) => [.. _tar, .. new byte[endMarker ? 1024 : 0]];

    public byte[] ToGzip(bool endMarker = true) => Gzip(ToTar(endMarker));

    public static byte[] Gzip(byte[] bytes)
    {
        using var compressed = new MemoryStream();

        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal))
            gzip.Write(bytes);

        return compressed.ToArray();
    }

    private static string Octal(int value, int digits) => Convert.ToString(value, 8).PadLeft(digits, '0');
}
