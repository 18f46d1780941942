using Servo.Application.Archives;

namespace Servo.Infrastructure.Archives;

/// <summary>Counts what one archive really unpacks to, whatever its headers say, and ends it at the first count past a limit.</summary>
internal sealed class UnpackLimits(ArchiveOptions options, long archiveBytes)
{
    private const long RatioAppliesFrom = 1 << 20;
    private const long HeaderBytesOfAnEntry = 4096;
    private const long ReadAllowance = 64 << 20;

    private int _made;
    private long _read;

    /// <summary>Members of the archive so far.</summary>
    public int Entries { get; private set; }

    /// <summary>Bytes written to files so far.</summary>
    public long Bytes { get; private set; }

    public void CountEntry()
    {
        Entries++;
        CountMade();
    }

    /// <summary>A folder that no member names counts too: one member may ask for two thousand.</summary>
    public void CountMade()
    {
        if (++_made > options.MaxEntries)
            throw ArchiveException.TooLarge($"it holds more than {options.MaxEntries} entries ({ArchiveOptions.MaxEntriesKey})");
    }

    /// <summary>Called before the bytes are written.</summary>
    public void CountBytes(int bytes)
    {
        Bytes += bytes;

        if (Bytes > options.MaxBytes)
            throw ArchiveException.TooLarge($"it unpacks to more than {options.MaxBytes} bytes ({ArchiveOptions.MaxBytesKey})");

        if (Bytes > RatioAppliesFrom && (Bytes - 1) / options.MaxRatio >= archiveBytes)
            throw ArchiveException.TooLarge($"it unpacks to more than {options.MaxRatio} times its size ({ArchiveOptions.MaxRatioKey})");
    }

    /// <summary>Bytes that came out of the decompressor, written or not: headers and padding must end some time too. Called on the reading thread.</summary>
    public void CountRead(int bytes)
    {
        _read += bytes;

        if (_read > options.MaxBytes + ((long)options.MaxEntries * HeaderBytesOfAnEntry) + ReadAllowance)
            throw ArchiveException.TooLarge(
                $"it goes on past all that {options.MaxEntries} entries with {options.MaxBytes} bytes need ({ArchiveOptions.Section})");
    }
}
