using Servo.Domain;

namespace Servo.Application.Runs;

/// <summary>
/// Expects when the next of the runs in progress ends, by how long it has taken so far and how long runs of the same scripts took before.
/// </summary>
internal sealed class RunForecast(TimeProvider time)
{
    /// <summary>How much a new run counts in the mean of those before.</summary>
    private const double Weight = 0.2;

    /// <summary>Of so many lists of scripts it is remembered how long they take.</summary>
    private const int MaxKnown = 256;

    /// <summary>What a run takes of which nothing is known.</summary>
    private static readonly TimeSpan _unknown = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly HashSet<ForecastRun> _running = [];

    // By a hash of their names: where two have the same, both are expected less well. The one that ended last is the last.
    private readonly OrderedDictionary<int, TimeSpan> _means = [];
    private TimeSpan? _meanOfAll;

    /// <summary>How long it takes until the next run ends.</summary>
    public TimeSpan NextEnd
    {
        get
        {
            lock (_gate)
                return _running.Count == 0 ? _meanOfAll ?? _unknown : _running.Min(LeftOf);
        }
    }

    /// <summary>A run begins, which may take as long as this; it ends when what is returned is disposed of.</summary>
    public IDisposable Begin(ScriptList scripts, TimeSpan limit)
    {
        var run = new ForecastRun(this, StringComparer.Ordinal.GetHashCode(scripts.ToString()), limit, time.GetTimestamp());

        lock (_gate)
            _running.Add(run);

        return run;
    }

    /// <summary>
    /// One that has taken longer than half of what is usual is expected to take as long again: what is late is likely to be much later.
    /// </summary>
    private TimeSpan LeftOf(ForecastRun run)
    {
        var elapsed = time.GetElapsedTime(run.Start);
        var usual = _means.TryGetValue(run.Scripts, out var mean) ? mean : _meanOfAll ?? _unknown;
        var left = usual - elapsed > elapsed ? usual - elapsed : elapsed;

        return left < run.Limit - elapsed ? left : run.Limit - elapsed;
    }

    private void End(ForecastRun run)
    {
        lock (_gate)
        {
            if (!_running.Remove(run))
                return;

            var took = time.GetElapsedTime(run.Start);
            _meanOfAll = Mean(_meanOfAll, took);
            var mean = Mean(_means.Remove(run.Scripts, out var before) ? before : null, took);
            _means.Add(run.Scripts, mean);

            if (_means.Count > MaxKnown)
                _means.RemoveAt(0);
        }
    }

    private static TimeSpan Mean(TimeSpan? before, TimeSpan took) => before is { } mean ? mean + (Weight * (took - mean)) : took;

    private sealed class ForecastRun(RunForecast forecast, int scripts, TimeSpan limit, long start) : IDisposable
    {
        public int Scripts => scripts;

        public TimeSpan Limit => limit;

        public long Start => start;

        public void Dispose() => forecast.End(this);
    }
}
