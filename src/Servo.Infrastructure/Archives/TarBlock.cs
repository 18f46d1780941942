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

    public static char Type(ReadOnlySpan<byte> block) => (char)block[156];

    /// <summary>The path, which ustar may split over two fields; GNU keeps times where ustar has the second.</summary>
    public static string Path(ReadOnlySpan<byte> block)
    {
        var name = Text(block[..100]);

        return block[257..263].SequenceEqual("ustar\0"u8) && block[345] != 0 ? $"{Text(block[345..500])}/{name}" : name;
    }

    public static string LinkName(ReadOnlySpan<byte> block) => Text(block[157..257]);

    /// <summary>
    /// Permissions, with what some writers add to them for the type; <see langword="null"/> if the field is not a number.
    /// </summary>
    public static int? Mode(ReadOnlySpan<byte> block) => (int?)Octal(block[100..108]);

    /// <summary>UTF-8 up to the first NUL.</summary>
    public static string Text(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);

        return Encoding.UTF8.GetString(end < 0 ? field : field[..end]);
    }

    /// <summary>Compares the sum of the header's bytes with the one that it states; some old writers summed signed bytes.</summary>
    public static bool HasRightChecksum(ReadOnlySpan<byte> block)
    {
        if (Octal(block[s_checksum]) is not { } stated)
            return false;

        var sum = Sum(block);
        return stated == sum || stated == sum - (256 * NegativeBytes(block));
    }

    /// <summary>The size of the data that follow; <see langword="null"/> if the field is not a number or is a negative one.</summary>
    public static long? DataSize(ReadOnlySpan<byte> block)
    {
        var field = block[s_size];

        // GNU's base-256 form, for what has more than eleven octal digits; the sign bit is that of the first byte after its flag.
        if ((field[0] & 0x80) != 0)
        {
            var isWithinRange = field[0] == 0x80 && !field[1..4].ContainsAnyExcept((byte)0);
            return isWithinRange && BinaryPrimitives.ReadInt64BigEndian(field[4..]) is >= 0 and var size ? size : null;
        }

        return Octal(field);
    }

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
