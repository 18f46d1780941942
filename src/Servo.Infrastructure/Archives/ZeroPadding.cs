namespace Servo.Infrastructure.Archives;

/// <summary>Zeros at the end of a file: bsdtar fills up what it writes into a pipe to a whole number of 10 KiB, whatever the format.</summary>
internal static class ZeroPadding
{
    /// <summary>Where the zeros at the end start, which may be before the padding: the last bytes of the data may be zeros too.</summary>
    public static long FindStart(Stream file)
    {
        var buffer = new byte[4096];

        for (var end = file.Length; end > 0;)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, end));
            file.Position = end - part.Length;
            file.ReadExactly(part);

            if (part.LastIndexOfAnyExcept((byte)0) is >= 0 and var last)
                return end - part.Length + last + 1;

            end -= part.Length;
        }

        return 0;
    }
}
