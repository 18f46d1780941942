namespace Servo.Client;

/// <summary>The result of one script.</summary>
public sealed class ScriptResult(string name, int exitCode, TimeSpan duration)
{
    /// <summary>Its name, as the run asked for it.</summary>
    public string Name { get; } = name;

    /// <summary>Its exit code; 128 + n if signal n ended it.</summary>
    public int ExitCode { get; } = exitCode;

    /// <summary>How long it ran.</summary>
    public TimeSpan Duration { get; } = duration;
}
