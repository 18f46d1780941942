using Servo.Application.Settings;

namespace Servo.Application.Runs;

/// <summary>How many runs there may be.</summary>
public sealed class AdmissionOptions
{
    /// <summary>Its section of the configuration.</summary>
    public const string Section = GatewayOptions.Section + ":Runs";

    /// <summary>The key of <see cref="MaxConcurrent"/>.</summary>
    public const string MaxConcurrentKey = Section + ":" + nameof(MaxConcurrent);

    /// <summary>Runs whose scripts execute at the same time.</summary>
    /// <value>At least 1; default 4 per core.</value>
    [AtLeast(1)]
    public int MaxConcurrent { get; set; } = 4 * Environment.ProcessorCount;

    /// <summary>Runs that may wait for a slot.</summary>
    /// <value>At least 0; default 1,000.</value>
    [AtLeast(0)]
    public int MaxQueued { get; set; } = 1_000;

    /// <summary>How long running runs may go on after the host was told to stop.</summary>
    /// <value>From one millisecond to 24 days; default 20 seconds.</value>
    [TimeLimit]
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(20);
}
