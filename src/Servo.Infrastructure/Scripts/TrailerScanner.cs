using System.Globalization;

namespace Servo.Infrastructure.Scripts;

/// <summary>Finds the supervisor's trailer at the end of a script's output, wherever the reads cut it.</summary>
internal sealed class TrailerScanner(byte[] mark)
{
    // After the mark: three digits of exit code, "interrupted" and "survived" as one digit each, and a line feed.
    private const int StatusBytes = 6;

    private int _from;

    /// <summary>What the trailer said, once it has arrived.</summary>
    public (int Code, bool Interrupted, bool Survived)? Found { get; private set; }

    /// <summary>How many bytes at the buffer's start are the beginning of what may be the trailer.</summary>
    public int Held { get; private set; }

    /// <summary>Looks at the first <paramref name="length"/> bytes and returns how many of them surely are the script's.</summary>
    public int Scan(ReadOnlySpan<byte> buffer, int length)
    {
        var data = buffer[..length];
        var at = data.IndexOf(mark);

        if (at >= 0 && length - at >= mark.Length + StatusBytes)
        {
            var status = data.Slice(at + mark.Length, StatusBytes);
            Found = (int.Parse(status[..3], CultureInfo.InvariantCulture), status[3] == '1', status[4] == '1');
            (_from, Held) = (length, 0);
            return at;
        }

        _from = at >= 0 ? at : length - PartialMark(data);
        Held = length - _from;
        return _from;
    }

    /// <summary>Moves what is held to the buffer's start, before the next read behind it.</summary>
    public void Keep(byte[] buffer) => buffer.AsSpan(_from, Held).CopyTo(buffer);

    private int PartialMark(ReadOnlySpan<byte> data)
    {
        for (var size = Math.Min(mark.Length - 1, data.Length); size > 0; size--)
        {
            if (data.EndsWith(mark.AsSpan(0, size)))
                return size;
        }

        return 0;
    }
}
