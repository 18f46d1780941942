namespace Servo.Application.Logs;

/// <summary>How much of what runs say is kept: the section <c>Servo:Logs</c> of the configuration.</summary>
public sealed class LogOptions
{
    /// <summary>Most bytes of one run's log; past it the log says so once, and the scripts go on.</summary>
    /// <value>At least 0; default 1 GiB.</value>
    public long MaxBytes { get; set; } = 1L << 30;
}
