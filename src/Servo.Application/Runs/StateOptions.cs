using System.ComponentModel.DataAnnotations;
using Servo.Application.Settings;

namespace Servo.Application.Runs;

/// <summary>Where runs and their logs are kept, and for how long once they have ended.</summary>
public sealed class StateOptions
{
    /// <summary>Its section of the configuration.</summary>
    public const string Section = GatewayOptions.Section + ":State";

    /// <summary>The key of <see cref="Root"/>.</summary>
    public const string RootKey = Section + ":" + nameof(Root);

    /// <summary>The folder on a local disk that holds runs, logs and the archives of queued runs.</summary>
    /// <value>Default: systemd's <c>STATE_DIRECTORY</c>, else <c>$XDG_STATE_HOME/servo</c>, else <c>~/.local/state/servo</c>.</value>
    public string? Root { get; set; }

    /// <summary>How long a run is kept after its end.</summary>
    /// <value>A minute to 100 years; default: 30 days.</value>
    [Range(typeof(TimeSpan), "00:01:00", "36500.00:00:00", ErrorMessage = "{0} must be between one minute and 100 years.")]
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How many runs that have ended are kept.</summary>
    /// <value>1 to 1,000,000; default: 10,000.</value>
    [Range(1, 1_000_000, ErrorMessage = "{0} must be between {1} and {2}.")]
    public int MaxRuns { get; set; } = 10_000;

    /// <summary>How many bytes the logs of runs that have ended may take together.</summary>
    /// <value>At least 1 MiB; default: 10 GiB.</value>
    [AtLeast(1 << 20)]
    public long MaxBytes { get; set; } = 10L << 30;

    /// <summary>These limits as the store takes them.</summary>
    public Retention Retention => new(MaxAge, MaxRuns, MaxBytes);
}
