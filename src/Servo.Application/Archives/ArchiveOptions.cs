using Servo.Application.Settings;

namespace Servo.Application.Archives;

/// <summary>Limits of what an archive unpacks to, counted as bytes are written.</summary>
public sealed class ArchiveOptions
{
    /// <summary>Its section of the configuration.</summary>
    public const string Section = GatewayOptions.Section + ":Archives";

    /// <summary>The key of <see cref="MaxBytes"/>.</summary>
    public const string MaxBytesKey = Section + ":" + nameof(MaxBytes);

    /// <summary>The key of <see cref="MaxEntries"/>.</summary>
    public const string MaxEntriesKey = Section + ":" + nameof(MaxEntries);

    /// <summary>The key of <see cref="MaxRatio"/>.</summary>
    public const string MaxRatioKey = Section + ":" + nameof(MaxRatio);

    /// <summary>Most bytes of all files together.</summary>
    /// <value>At least 1; default 4 GiB.</value>
    [AtLeast(1)]
    public long MaxBytes { get; set; } = 4L << 30;

    /// <summary>Most entries of any kind.</summary>
    /// <value>At least 1; default 100,000.</value>
    [AtLeast(1)]
    public int MaxEntries { get; set; } = 100_000;

    /// <summary>Most unpacked bytes per byte of the archive; applies once 1 MiB is written.</summary>
    /// <value>At least 1; default 200.</value>
    [AtLeast(1)]
    public int MaxRatio { get; set; } = 200;
}
