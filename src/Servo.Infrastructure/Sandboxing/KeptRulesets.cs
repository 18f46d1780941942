using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;

namespace Servo.Infrastructure.Sandboxing;

/// <summary>
/// Keeps rulesets for later runs: of their rules, one for each entry beside what is hidden, only those for the run's own folders differ. A ruleset is one run's
/// at a time, and the next run's only when the workspace of the last is gone.
/// </summary>
internal sealed class KeptRulesets : IDisposable
{
    // The kernel keeps a folder that a rule is for in memory, even when it is deleted.
    private const int MaxRuns = 32;

    private readonly ConcurrentDictionary<string, Kept> _taken = new(StringComparer.Ordinal);
    private readonly ConcurrentStack<Kept> _free = [];
    private readonly MountWatch _mounts = new();
    private volatile bool _disposed;

    /// <summary>Makes a ruleset that allows what all runs have in common, and tells what was looked at for it.</summary>
    internal delegate SafeFileHandle Maker(out Survey survey);

    /// <summary>
    /// The ruleset of the run with this workspace, by what is there now; it stays the pool's. <paramref name="programs"/> are those that it lets run;
    /// <paramref name="allow"/> allows the run's own folders in one that does not yet.
    /// </summary>
    public SafeFileHandle Take(string workspace, string programs, Maker make, Action<SafeFileHandle> allow)
    {
        var mounts = _mounts.Changes;

        if (_taken.TryGetValue(workspace, out var kept))
        {
            if (kept.IsFor(programs, mounts))
                return kept.Ruleset;

            _taken.TryRemove(workspace, out _);
            kept.Dispose();
        }

        kept = TakeFree(programs, mounts) ?? new Kept(make(out var survey), survey, programs, mounts);

        try
        {
            allow(kept.Ruleset);
        }
        catch
        {
            kept.Dispose();
            throw;
        }

        _taken[workspace] = kept;
        return kept.Ruleset;
    }

    /// <summary>Takes back the ruleset of a run whose workspace is gone.</summary>
    public void Return(string workspace)
    {
        if (!_taken.TryRemove(workspace, out var kept))
            return;

        if (++kept.Runs < MaxRuns && !_disposed)
            _free.Push(kept);
        else
            kept.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;

        foreach (var workspace in _taken.Keys)
            Return(workspace);

        while (_free.TryPop(out var kept))
            kept.Dispose();

        _mounts.Dispose();
    }

    private Kept? TakeFree(string programs, int mounts)
    {
        while (_free.TryPop(out var kept))
        {
            if (kept.IsFor(programs, mounts))
                return kept;

            kept.Dispose();
        }

        return null;
    }

    private sealed record Kept(SafeFileHandle Ruleset, Survey Survey, string Programs, int Mounts) : IDisposable
    {
        public int Runs { get; set; }

        public bool IsFor(string programs, int mounts) => Programs == programs && Mounts == mounts && !Survey.HasChanged;

        public void Dispose() => Ruleset.Dispose();
    }
}
