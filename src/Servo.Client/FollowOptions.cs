namespace Servo.Client;

/// <summary>The options of following a run that exists.</summary>
public sealed class FollowOptions
{
    /// <summary>
    /// The time limit of the call; when it is exceeded, the call throws <see cref="ServoRequestException"/> and the run continues.
    /// </summary>
    /// <value><see cref="System.Threading.Timeout.InfiniteTimeSpan"/> (no limit) by default; otherwise greater than zero.</value>
    public TimeSpan Timeout { get; set; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>Whether the outcome contains the output lines.</summary>
    /// <value><see langword="true"/> by default.</value>
    public bool KeepLines { get; set; } = true;

    /// <summary>Cancels the run itself, as <see cref="RunOptions.RunCancellation"/> does.</summary>
    /// <value><see cref="CancellationToken.None"/> by default.</value>
    public CancellationToken RunCancellation { get; set; }

    internal void Validate() => TimeLimits.Check(nameof(FollowOptions), nameof(Timeout), Timeout);
}
