using Servo.Application.Logs;

namespace Servo.Application.Runs;

/// <summary>What the followers of a run learn, in order.</summary>
public abstract record RunNews
{
    private RunNews()
    {
    }

    /// <summary>How the run stands: first, and whenever that changes before its start.</summary>
    /// <param name="Record">The run.</param>
    /// <param name="Number">The number of the last record that its reader knows, behind which it may go on.</param>
    public sealed record Standing(RunRecord Record, long Number) : RunNews;

    /// <summary>Whole records of its log (<see cref="LogRecords"/>), valid until the next news.</summary>
    public sealed record Records(ReadOnlyMemory<byte> Bytes) : RunNews;

    /// <summary>Nothing has happened for <see cref="FollowRun.LongestSilence"/>.</summary>
    public sealed record Silence : RunNews;

    /// <summary>The run has ended, with its whole outcome: the last.</summary>
    /// <param name="Record">The run.</param>
    /// <param name="Number">The number of this event: that of the last record of the log, and one.</param>
    public sealed record Completed(RunRecord Record, long Number) : RunNews;
}
