namespace Servo.Client;

/// <summary>A page of runs.</summary>
public sealed class RunPage(IReadOnlyList<RunInfo> runs, string? next = null)
{
    /// <summary>The runs, newest first.</summary>
    public IReadOnlyList<RunInfo> Runs { get; } = runs;

    /// <summary>The <see cref="RunQuery.After"/> of the next page; <see langword="null"/> if this is the last.</summary>
    public string? Next { get; } = next;
}
