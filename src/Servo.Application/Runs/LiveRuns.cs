using System.Collections.Concurrent;
using Servo.Domain.Runs;

namespace Servo.Application.Runs;

/// <summary>The runs that this host executes now: what the store learns of them only at their end.</summary>
public sealed class LiveRuns
{
    private readonly ConcurrentDictionary<RunId, LiveRun> _runs = [];

    /// <summary>The ids of all.</summary>
    public IReadOnlyCollection<RunId> Ids => [.. _runs.Keys];

    /// <summary>The run, or <see langword="null"/> where this host does not execute it.</summary>
    public LiveRun? Find(RunId id) => _runs.GetValueOrDefault(id);

    internal LiveRun Add(LiveRun live, Run run)
    {
        live.Run = run;
        return _runs[run.Id] = live;
    }

    internal void Remove(RunId id) => _runs.TryRemove(id, out _);
}

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

    /// <summary>What it said last, for who follows it.</summary>
    internal UnpackedRecords Unpacked { get; } = new();

    /// <summary>Completes once its end can be told.</summary>
    public Task Ended => _ended.Task;

    internal void TellEnd() => _ended.TrySetResult();
}
