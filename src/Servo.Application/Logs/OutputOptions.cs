using Servo.Application.Settings;

namespace Servo.Application.Logs;

/// <summary>How much of the scripts' output is kept for the answer.</summary>
public sealed class OutputOptions
{
    /// <summary>Its section of the configuration.</summary>
    public const string Section = GatewayOptions.Section + ":Output";

    /// <summary>The key of <see cref="MaxBytes"/>.</summary>
    public const string MaxBytesKey = Section + ":" + nameof(MaxBytes);

    /// <summary>Bytes of UTF-8 text kept per run; past it the log says so and the script goes on.</summary>
    /// <value>At least 0; default 64 MiB.</value>
    [AtLeast(0)]
    public long MaxBytes { get; set; } = 64L << 20;
}
