namespace Servo.Client;

/// <summary>A script of a run, whether it has ended or not.</summary>
public sealed class RunScript(string name, int? exitCode = null, TimeSpan? duration = null)
{
    /// <summary>Its name, as the run asked for it.</summary>
    public string Name { get; } = name;

    /// <summary>Its exit code; <see langword="null"/> if it has not ended.</summary>
    public int? ExitCode { get; } = exitCode;

    /// <summary>How long it ran; <see langword="null"/> if it has not ended.</summary>
    public TimeSpan? Duration { get; } = duration;
}
