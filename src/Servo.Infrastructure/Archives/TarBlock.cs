using System.Buffers.Binary;
using System.Text;

namespace Servo.Infrastructure.Archives;

/// <summary>The fields of a 512-byte tar header (POSIX.1-2017, pax, "ustar Interchange Format") that are needed before it is read as an entry.</summary>
internal static class TarBlock
{
    public const int Size = 512;

    private static readonly Range s_checksum = 148..156;
    private static readonly Range s_size = 124..136;

    public static bool IsZero(ReadOnlySpan<byte> block) => !block.ContainsAnyExcept((byte)0);

    public static byte Type(ReadOnlySpan<byte> block) => block[156];

    /// <summary>The name field alone: enough to name an entry in a message.</summary>
    public static string Name(ReadOnlySpan<byte> block)
    {
        var end = block[..100].IndexOf((byte)0);

        return Encoding.UTF8.GetString(block[..(end < 0 ? 100 : end)]);
    }

    /// <summary>The path that ustar splits over two fields; <see langword="null"/> if the header does not use the second.</summary>
    public static byte[]? SplitPath(ReadOnlySpan<byte> block)
    {
        if (!block[257..263].SequenceEqual("ustar\0"u8) || block[345] == 0)
            return null;

        return [.. Text(block[345..500]), (byte)'/', .. Text(block[..100])];

        static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> field)
        {
            var end = field.IndexOf((byte)0);
            return end < 0 ? field : field[..end];
        }
    }

    /// <summary>Compares the sum of the header's bytes with the one that it states; some old writers summed signed bytes.</summary>
    public static bool HasRightChecksum(ReadOnlySpan<byte> block)
    {
        if (Octal(block[s_checksum]) is not { } stated)
            return false;

        var sum = Sum(block);
        return stated == sum || stated == sum - (256 * NegativeBytes(block));
    }

    /// <summary>The size of the data that follow; <see langword="null"/> if the field is no number or a negative one.</summary>
    public static long? DataSize(ReadOnlySpan<byte> block)
    {
        var field = block[s_size];

        // GNU's base-256 form, for what has more than eleven octal digits; the sign bit is that of the first byte after its flag.
        if ((field[0] & 0x80) != 0)
            return field[0] == 0x80 && !field[1..4].ContainsAnyExcept((byte)0) && BinaryPrimitives.ReadInt64BigEndian(field[4..]) is >= 0 and var size ? size : null;

        return Octal(field);
    }

    /// <summary>A header for PAX records of this many bytes.</summary>
    public static byte[] ExtendedHeader(int bytes)
    {
        var block = new byte[Size];
        "PaxHeader"u8.CopyTo(block);
        "ustar\000"u8.CopyTo(block.AsSpan(257));
        block[156] = (byte)'x';
        Encoding.ASCII.GetBytes(Convert.ToString(bytes, 8).PadLeft(11, '0'), block.AsSpan()[s_size]);
        SetChecksum(block);

        return block;
    }

    /// <summary>Clears what is never restored, so that none of it can be a number too large to read: owner, group, times, device.</summary>
    public static void DropMetadata(Span<byte> block)
    {
        block[108..124].Clear();
        block[136..148].Clear();
        block[329..345].Clear();

        // GNU keeps two more times where ustar has its prefix.
        if (block[257..265].SequenceEqual("ustar  \0"u8))
            block[345..369].Clear();

        SetChecksum(block);
    }

    private static void SetChecksum(Span<byte> block) =>
        Encoding.ASCII.GetBytes(Convert.ToString(Sum(block), 8).PadLeft(6, '0') + "\0 ", block[s_checksum]);

    private static int Sum(ReadOnlySpan<byte> block)
    {
        // The checksum's own field counts as eight spaces.
        var sum = 8 * ' ';

        foreach (var value in block[..s_checksum.Start])
            sum += value;

        foreach (var value in block[s_checksum.End..])
            sum += value;

        return sum;
    }

    private static int NegativeBytes(ReadOnlySpan<byte> block)
    {
        var count = 0;

        foreach (var value in block)
            count += value >> 7;

        return count;
    }

    private static long? Octal(ReadOnlySpan<byte> field)
    {
        var digits = field.Trim(" \0"u8);
        var value = 0L;

        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'7')
                return null;

            value = (value << 3) + (digit - '0');
        }

        return value;
    }
}
