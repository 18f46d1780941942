using System.Buffers.Binary;

namespace Servo.Infrastructure.Archives;

/// <summary>
/// Finds the end of the frames of a .zst file (RFC 8878) without decoding
/// them, since a decoder takes the zeros that may follow for a broken frame.
/// </summary>
internal static class ZstandardFrames
{
    private const uint Magic = 0xfd2fb528;
    private const uint SkippableMagic = 0x184d2a50;
    private const int RunLengthBlock = 1;

    /// <summary>Where the last frame ends if only zeros follow; the file's end if anything else does, which is for the decoder to judge.</summary>
    public static long FindEnd(Stream file)
    {
        var startOfZeros = ZeroPadding.FindStart(file);
        var end = 0L;

        while (end < startOfZeros && FrameLength(file, end) is { } length)
            end += length;

        return end >= startOfZeros && end < file.Length ? end : file.Length;
    }

    private static long? FrameLength(Stream file, long start)
    {
        Span<byte> bytes = stackalloc byte[8];

        if (!TryRead(file, start, bytes[..5]))
            return null;

        var magic = BinaryPrimitives.ReadUInt32LittleEndian(bytes);

        if ((magic & ~0xfu) == SkippableMagic)
            return TryRead(file, start, bytes) ? 8 + (long)BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) : null;

        if (magic != Magic)
            return null;

        var descriptor = bytes[4];
        var isSingleSegment = (descriptor >> 5) & 1;
        ReadOnlySpan<int> dictionaryBytes = [0, 1, 2, 4];
        ReadOnlySpan<int> contentSizeBytes = [isSingleSegment, 2, 4, 8];
        var at = start + 5 + (1 - isSingleSegment) + dictionaryBytes[descriptor & 3] + contentSizeBytes[descriptor >> 6];
        int block;

        do
        {
            if (!TryRead(file, at, bytes[..3]))
                return null;

            // From the lowest bit: whether it is the last, two bits of type, the size.
            block = bytes[0] | bytes[1] << 8 | bytes[2] << 16;
            at += 3 + (((block >> 1) & 3) == RunLengthBlock ? 1 : block >> 3);
        }
        while ((block & 1) == 0);

        var checksumBytes = (descriptor & 4) != 0 ? 4 : 0;

        return at + checksumBytes - start;
    }

    private static bool TryRead(Stream file, long at, Span<byte> bytes)
    {
        if (at + bytes.Length > file.Length)
            return false;

        file.Position = at;
        file.ReadExactly(bytes);
        return true;
    }
}
