using System.Text;

namespace Servo.Client.Bundles;

/// <summary>The header of a tar member (POSIX.1-2001, pax over ustar), which depends only on what the bundle keeps of a file.</summary>
internal static class TarHeader
{
    public const int BlockSize = 512;

    // The first moment of 1980: GNU tar warns about 1970, and zip knows nothing earlier.
    private const long ModificationTime = 315532800;

    private const int NameLength = 100;
    private const int PrefixLength = 155;
    private const long MaxSize = 0x1_FFFF_FFFF;

    /// <summary>One block, or three and more if a pax header carries what ustar's fields cannot hold.</summary>
    public static byte[] Of(Entry entry, long size)
    {
        var records = new List<byte>();
        var name = entry.NameInArchive;

        if (Split(name) is not var (prefix, rest))
        {
            AddRecord(records, "path", name);
            (prefix, rest) = ("", Fallback(name));
        }

        var target = entry.Target;

        if (!Fits(target, NameLength))
        {
            AddRecord(records, "linkpath", target);
            target = Fallback(target);
        }

        if (size > MaxSize)
            AddRecord(records, "size", FormattableString.Invariant($"{size}"));

        var mode = entry.Kind switch
        {
            EntryKind.Link => 0x1FF,
            EntryKind.Directory => 0x1ED,
            _ => entry.IsExecutable ? 0x1ED : 0x1A4,
        };
        var type = entry.Kind switch { EntryKind.Link => '2', EntryKind.Directory => '5', _ => '0' };
        var header = Block(prefix, rest, type, mode, size > MaxSize ? 0 : size, target);

        return records.Count == 0 ? header : [.. Block("", "PaxHeader", 'x', 0x1A4, records.Count, ""), .. Padded(records), .. header];
    }

    /// <summary>The number of bytes that complete the last block.</summary>
    public static int PaddingAfter(long size) => (int)(-size & (BlockSize - 1));

    private static byte[] Block(string prefix, string name, char type, long mode, long size, string target)
    {
        var block = new byte[BlockSize];
        Write(0, name);
        WriteOctal(100, 8, mode);
        WriteOctal(108, 8, 0);
        WriteOctal(116, 8, 0);
        WriteOctal(124, 12, size);
        WriteOctal(136, 12, ModificationTime);
        Write(148, "        ");
        block[156] = (byte)type;
        Write(157, target);
        Write(257, "ustar\0" + "00");
        WriteOctal(329, 8, 0);
        WriteOctal(337, 8, 0);
        Write(345, prefix);

        // The checksum counts its own field as spaces, and ends, as ever, with NUL and a space.
        WriteOctal(148, 7, block.Sum(each => (long)each));

        return block;

        void Write(int at, string text) => Encoding.ASCII.GetBytes(text, 0, text.Length, block, at);

        void WriteOctal(int at, int length, long value) => Write(at, Convert.ToString(value, 8).PadLeft(length - 1, '0') + "\0");
    }

    // The prefix ends at a slash, which is not written.
    private static (string Prefix, string Name)? Split(string name)
    {
        if (Fits(name, NameLength))
            return ("", name);

        var slash = name.Length > 1 && name.Length - NameLength - 1 >= 0 ? name.IndexOf('/', name.Length - NameLength - 1) : -1;

        return slash > 0 && slash < name.Length - 1 && slash <= PrefixLength && Fits(name, NameLength + 1 + PrefixLength)
            ? (name.Substring(0, slash), name.Substring(slash + 1))
            : null;
    }

    private static bool Fits(string text, int length) => text.Length <= length && text.All(unit => unit < 0x80);

    // For readers that know no pax headers.
    private static string Fallback(string text)
    {
        var ascii = new string([.. text.Select(unit => unit < 0x80 ? unit : '_')]);

        return ascii.Length <= NameLength ? ascii : ascii.Substring(0, NameLength);
    }

    // "LENGTH KEY=VALUE\n", where the length counts its own digits.
    private static void AddRecord(List<byte> records, string key, string value)
    {
        var text = Encoding.UTF8.GetBytes($" {key}={value}\n");
        var length = text.Length;

        while (FormattableString.Invariant($"{length}").Length + text.Length != length)
            length = FormattableString.Invariant($"{length}").Length + text.Length;

        records.AddRange(Encoding.ASCII.GetBytes(FormattableString.Invariant($"{length}")));
        records.AddRange(text);
    }

    private static byte[] Padded(List<byte> records) => [.. records, .. new byte[PaddingAfter(records.Count)]];
}
