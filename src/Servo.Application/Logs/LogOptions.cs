using Servo.Application.Settings;

namespace Servo.Application.Logs;

/// <summary>How much of what runs say is kept.</summary>
public sealed class LogOptions
{
    /// <summary>Its section of the configuration.</summary>
    public const string Section = GatewayOptions.Section + ":Logs";

    /// <summary>The key of <see cref="MaxBytes"/>.</summary>
    public const string MaxBytesKey = Section + ":" + nameof(MaxBytes);

    /// <summary>Most bytes of one run's log; past it the log says so once, and the scripts go on.</summary>
    /// <value>At least 0; default 1 GiB.</value>
    [AtLeast(0)]
    public long MaxBytes { get; set; } = 1L << 30;
}
