namespace Servo.Client;

/// <summary>How a script ended.</summary>
public sealed class ScriptResult(string name, int exitCode, TimeSpan duration)
{
    /// <summary>Its name, as the run asked for it.</summary>
    public string Name { get; } = name;

    /// <summary>Its exit code; 128 + n where signal n ended it.</summary>
    public int ExitCode { get; } = exitCode;

    /// <summary>How long it ran.</summary>
    public TimeSpan Duration { get; } = duration;
}
