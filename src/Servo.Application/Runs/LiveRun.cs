using Servo.Domain.Runs;

namespace Servo.Application.Runs;

/// <summary>A run that this host executes, or is to.</summary>
public sealed class LiveRun
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Run _run;

    internal LiveRun(Run run) => _run = run;

    /// <summary>The run at this moment.</summary>
    public Run Run
    {
        get => _run;
        internal set => _run = value;
    }

    /// <summary>Ends it.</summary>
    public RunCancellation Cancellation { get; } = new();

    /// <summary>What it said last, for its followers.</summary>
    internal UnpackedRecords Unpacked { get; } = new();

    /// <summary>Completes once its end can be told.</summary>
    public Task Ended => _ended.Task;

    internal void TellEnd() => _ended.TrySetResult();
}
