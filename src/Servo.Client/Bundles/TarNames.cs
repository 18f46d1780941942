using System.Text;

namespace Servo.Client.Bundles;

/// <summary>Reads the names of files and links in a tar: ustar, pax and GNU's long names.</summary>
internal static class TarNames
{
    private const int MaxExtensionLength = 1024 * 1024;

    public static IEnumerable<string> Read(Stream tar, CancellationToken cancellationToken)
    {
        var block = new byte[TarHeader.BlockSize];
        var skipped = new byte[64 * 1024];
        (string? Gnu, string? Pax, long? Size) extended = default;
        (string? Path, long? Size) global = default;
        var isEmpty = true;

        while (ReadBlock(tar, block))
        {
            isEmpty = false;
            cancellationToken.ThrowIfCancellationRequested();

            if (Array.TrueForAll(block, each => each == 0))
                yield break;

            if (!HasChecksum(block))
                throw new InvalidDataException("a header's checksum is wrong");

            var type = (char)block[156];
            var size = Number(block, 124, 12);

            // As the gateway has it: of a name in both ways that of pax counts, of several pax headers the last.
            if (type is 'x' or 'X' or 'L')
            {
                var text = ReadText(tar, size);
                extended = type == 'L'
                    ? (text.Split('\0')[0], extended.Pax, extended.Size)
                    : (extended.Gnu, PaxRecord(text, "path"), PaxSize(text));
                continue;
            }

            if (type == 'g')
            {
                var text = ReadText(tar, size);
                global = (PaxRecord(text, "path"), PaxSize(text));
                continue;
            }

            // GNU's old sparse files have more headers than this reader knows; gateways refuse them.
            if (type == 'S')
                throw new InvalidDataException("it holds a sparse file");

            var name = extended.Pax ?? global.Path ?? extended.Gnu ?? Name(block);
            var isFolder = name.EndsWith("/", StringComparison.Ordinal);

            // Folders, links and devices have no bytes, whatever their size says; a folder is written like a file by tars older than POSIX.
            if ((type is '0' or '\0' or '1' or '2' or '7') && !isFolder)
                yield return name;

            var hasNoData = (type is >= '1' and <= '6') || ((type is '0' or '\0' or '7') && isFolder);
            var length = hasNoData ? 0 : type == 'K' ? size : extended.Size ?? global.Size ?? size;
            Skip(tar, length + TarHeader.PaddingAfter(length), skipped, cancellationToken);

            if (type != 'K')
                extended = default;
        }

        if (isEmpty)
            throw new InvalidDataException("it is empty");
    }

    private static bool ReadBlock(Stream tar, byte[] block)
    {
        var read = Fill(tar, block, block.Length);

        return read == block.Length || (read == 0 ? false : throw new InvalidDataException("it is cut short"));
    }

    private static int Fill(Stream tar, byte[] buffer, int count)
    {
        var filled = 0;

        while (filled < count && tar.Read(buffer, filled, count - filled) is > 0 and var read)
            filled += read;

        return filled;
    }

    private static void Skip(Stream tar, long count, byte[] buffer, CancellationToken cancellationToken)
    {
        if (count > buffer.Length && tar.CanSeek)
        {
            tar.Seek(count, SeekOrigin.Current);
            return;
        }

        while (count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var asked = (int)Math.Min(count, buffer.Length);

            if (Fill(tar, buffer, asked) < asked)
                throw new InvalidDataException("it is cut short");

            count -= asked;
        }
    }

    private static string ReadText(Stream tar, long size)
    {
        if (size is < 0 or > MaxExtensionLength)
            throw new InvalidDataException("a header is too long");

        var bytes = new byte[size + TarHeader.PaddingAfter(size)];

        return Fill(tar, bytes, bytes.Length) == bytes.Length
            ? Encoding.UTF8.GetString(bytes, 0, (int)size)
            : throw new InvalidDataException("it is cut short");
    }

    private static string Name(byte[] block)
    {
        var prefix = Text(block, 257, 6) == "ustar" && block[262] == 0 ? Text(block, 345, 155) : "";
        var name = Text(block, 0, 100);

        return prefix.Length == 0 ? name : $"{prefix}/{name}";
    }

    private static string Text(byte[] block, int at, int length)
    {
        var end = Array.IndexOf(block, (byte)0, at, length);

        return Encoding.UTF8.GetString(block, at, (end < 0 ? at + length : end) - at);
    }

    // Octal digits, or with the first bit set a big-endian number.
    private static long Number(byte[] block, int at, int length)
    {
        long value = 0;

        if ((block[at] & 0x80) != 0)
        {
            for (var i = at + length - 8; i < at + length; i++)
                value = value << 8 | block[i];
        }
        else
        {
            foreach (var digit in Text(block, at, length).Trim())
                value = digit is >= '0' and <= '7'
                    ? value << 3 | (uint)(digit - '0')
                    : throw new InvalidDataException("a header holds no number");
        }

        return value >= 0 ? value : throw new InvalidDataException("a size is negative");
    }

    private static bool HasChecksum(byte[] block)
    {
        var sum = block.Where((_, i) => i is < 148 or >= 156).Sum(each => each) + 8 * ' ';

        return sum == Number(block, 148, 8);
    }

    private static long? PaxSize(string text)
    {
        if (PaxRecord(text, "size") is not { } size)
            return null;

        return long.TryParse(size, out var value) && value >= 0 ? value : throw new InvalidDataException("a size is not a number");
    }

    // A record ends with a line feed, and its text at a NUL; of several with one key the last counts. Lengths are not needed: no name that
    // matters here holds a line feed.
    private static string? PaxRecord(string text, string key) =>
        text.Split('\n')
            .Select(record => record.Substring(record.IndexOf(' ') + 1))
            .LastOrDefault(record => record.StartsWith(key + "=", StringComparison.Ordinal))?
            .Substring(key.Length + 1)
            .Split('\0')[0];
}
