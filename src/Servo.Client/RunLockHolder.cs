namespace Servo.Client;

/// <summary>A lock that a run waits for, and the run that holds it or waits for it before.</summary>
public sealed class RunLockHolder(string name, string runId)
{
    /// <summary>The lock's name.</summary>
    public string Name { get; } = name;

    /// <summary>The id of the other run.</summary>
    public string RunId { get; } = runId;

    /// <summary>The lock and the run that holds it.</summary>
    public override string ToString() => $"{Name} (run {RunId})";
}
