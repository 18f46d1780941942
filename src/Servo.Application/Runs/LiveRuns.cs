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
