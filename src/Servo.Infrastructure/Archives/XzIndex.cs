using System.Buffers.Binary;
using SharpCompress.Crypto;

namespace Servo.Infrastructure.Archives;

/// <summary>The index at the end of an .xz stream, and the variable-length numbers that it is made of.</summary>
internal static class XzIndex
{
    private const int MaxNumberBytes = 9;

    /// <summary>Reads the index and throws unless it lists as many blocks, and as many bytes in them, as were read.</summary>
    public static void Verify(Stream file, long blocks, long bytes)
    {
        using var checksum = new Crc32Stream(Stream.Null);
        var length = 0;

        byte Next()
        {
            var value = file.ReadByte();

            if (value < 0)
                throw new EndOfStreamException();

            checksum.WriteByte((byte)value);
            length++;
            return (byte)value;
        }

        long NextInteger()
        {
            var number = new byte[MaxNumberBytes];
            var at = 0;

            do
            {
                number[at] = Next();
            }
            while ((number[at++] & 0x80) != 0);

            at = 0;
            return ReadInteger(number, ref at);
        }

        var isRight = Next() == 0 && NextInteger() == blocks;

        for (var block = 0L; isRight && block < blocks; block++)
        {
            NextInteger();
            bytes -= NextInteger();
        }

        while (isRight && length % 4 != 0)
            isRight = Next() == 0;

        Span<byte> stated = stackalloc byte[4];
        file.ReadExactly(stated);

        if (!isRight || bytes != 0 || BinaryPrimitives.ReadUInt32LittleEndian(stated) != checksum.Crc)
            throw new InvalidDataException("The index of xz does not match its blocks.");
    }

    /// <summary>Reads a number of at most 63 bits and moves <paramref name="at"/> past it.</summary>
    public static long ReadInteger(ReadOnlySpan<byte> bytes, ref int at)
    {
        var value = 0L;

        for (var shift = 0; shift < 7 * MaxNumberBytes; shift += 7)
        {
            value |= (long)(bytes[at] & 0x7f) << shift;

            if ((bytes[at++] & 0x80) == 0)
                return value;
        }

        throw new InvalidDataException("A number of xz is too long.");
    }
}
