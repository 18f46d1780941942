using Servo.Application.Runs;
using Servo.Domain.Runs;

namespace Servo.Testing;

/// <summary>The runs of one process, gone with it.</summary>
public sealed class MemoryRunStore : IRunStore, IHostLease
{
    private readonly Lock _gate = new();
    private readonly List<Entry> _entries = [];

    /// <summary>Called before each change; a test may throw in it.</summary>
    public Action<string> OnChange { get; set; } = _ => { };

    /// <summary>What the start of a run waits for.</summary>
    public Task BeforeStart { get; set; } = Task.CompletedTask;

    public Task<HostId> JoinAsync(CancellationToken cancellationToken) => Task.FromResult(HostId.New());

    public Task<IReadOnlyList<Run>> ReapAsync(DateTimeOffset now, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Run>>([]);

    public Task<Acceptance> AcceptAsync(Run run, HostId? claimHere, int maxQueued, CancellationToken cancellationToken) => Change<Acceptance>("accept", () =>
    {
        if (Find(run.Id) is { } same)
            return new Acceptance.Accepted(RecordOf(same), same.Run.State == RunState.Queued && same.Claim?.Host == claimHere ? same.Claim : null);

        if (run.Order.Key is { } key && _entries.Find(entry => entry.Run.Order.Key?.Value == key.Value) is { } earlier)
            return earlier.Run.Order.Key == key ? new Acceptance.Existing(RecordOf(earlier)) : new Acceptance.KeyReused();

        var entry = new Entry(run);
        var canStart = claimHere is not null && !_entries.Exists(other => other.IsQueued && WaitsFor(other).Count == 0) && WaitsFor(entry).Count == 0;

        if (!canStart && _entries.Count(other => other.IsQueued) >= maxQueued)
            return new Acceptance.Busy();

        entry.Claim = canStart ? new RunClaim(run.Id, claimHere!.Value) : null;
        entry.Run = canStart && !run.Order.IsDetached ? run.Start(run.Accepted) : run;
        _entries.Add(entry);
        return new Acceptance.Accepted(RecordOf(entry), entry.Claim);
    });

    public Task<bool> DetachAsync(RunId id) => Change("detach", () =>
    {
        if (Find(id) is not { Run.State: RunState.Queued } entry)
            return false;

        entry.Run = entry.Run.Detach();
        return true;
    });

    public Task<IReadOnlyList<ClaimedRun>> ClaimAsync(HostId host, int slots, IReadOnlyCollection<RunId> known, CancellationToken cancellationToken) =>
        Change<IReadOnlyList<ClaimedRun>>("claim", () =>
        {
            var claimed = _entries
                .Where(entry => entry.Claim?.Host == host && entry.Run.State == RunState.Queued && !known.Contains(entry.Run.Id))
                .Take(slots)
                .Select(entry => new ClaimedRun(entry.Claim!, entry.Run))
                .ToList();

            foreach (var entry in _entries.Where(entry => entry.IsQueued && WaitsFor(entry).Count == 0).Take(slots - claimed.Count).ToList())
            {
                entry.Claim = new RunClaim(entry.Run.Id, host);
                claimed.Add(new ClaimedRun(entry.Claim, entry.Run));
            }

            return claimed;
        });

    public async Task<bool> StartAsync(RunClaim claim, DateTimeOffset now)
    {
        await BeforeStart;
        return await Change("start", () =>
        {
            if (Find(claim) is not { Run.State: RunState.Queued, Cancelled: null } entry)
                return false;

            entry.Run = entry.Run.Start(now);
            return true;
        });
    }

    public Task<bool> ReleaseAsync(RunClaim claim) => Change("release", () =>
    {
        if (Find(claim) is not { Run.State: RunState.Queued } entry)
            return false;

        (entry.Claim, entry.Run) = (entry.Cancelled is null ? null : claim, entry.Cancelled ?? entry.Run);
        return true;
    });

    public Task<bool> FinishAsync(RunClaim claim, Run ended, long logBytes) => Change("finish", () =>
    {
        if (Find(claim) is not { } entry)
            return false;

        if (entry.Run.HasEnded)
            return (entry.Run.State, entry.Run.Ended, entry.Run.Failure?.Detail) == (ended.State, ended.Ended, ended.Failure?.Detail);

        (entry.Run, entry.LogBytes) = (ended, logBytes);
        return true;
    });

    public Task<CancelResult> CancelAsync(RunId id, RunFailure why, DateTimeOffset now) => Change<CancelResult>("cancel", () =>
    {
        if (Find(id) is not { } entry)
            return new CancelResult.Unknown();

        var hasEnded = entry.Run.HasEnded;

        if (entry.IsQueued)
            entry.Run = entry.Run.Fail(why, now);

        if (entry.Run.HasEnded)
            return new CancelResult.Ended(RecordOf(entry), ByThis: !hasEnded);

        entry.Cancelled ??= entry.Run.Fail(why, now);
        return new CancelResult.Requested(RecordOf(entry));
    });

    public Task<RunRecord?> FindAsync(RunId id, CancellationToken cancellationToken)
    {
        lock (_gate)
            return Task.FromResult(Find(id) is { } entry ? RecordOf(entry) : null);
    }

    public Task<RunPage> ListAsync(RunQuery query, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var records = _entries.AsEnumerable().Reverse().Select(RecordOf)
                .SkipWhile(record => query.After is { } after && record.Run.Id != after)
                .Skip(query.After is null ? 0 : 1)
                .Where(record => query.State is null || record.Run.State == query.State)
                .ToList();
            var page = records.Take(query.Limit).ToList();
            return Task.FromResult(new RunPage(page, records.Count > page.Count ? page[^1].Run.Id : null));
        }
    }

    public Task<IReadOnlyList<RunId>> TrimAsync(Retention keep, DateTimeOffset now, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RunId>>([]);

    private Task<T> Change<T>(string name, Func<T> change)
    {
        lock (_gate)
        {
            OnChange(name);
            return Task.FromResult(change());
        }
    }

    private Entry? Find(RunId id) => _entries.Find(entry => entry.Run.Id == id);

    private Entry? Find(RunClaim claim) => Find(claim.Run) is { } entry && entry.Claim == claim ? entry : null;

    private RunRecord RecordOf(Entry entry)
    {
        var waitsFor = entry.IsQueued ? WaitsFor(entry) : [];
        var position = entry.IsQueued ? _entries.Where(other => other.IsQueued).ToList().IndexOf(entry) + 1 : (int?)null;
        return new RunRecord(waitsFor.Count > 0 ? entry.Run.Wait() : entry.Run, position, waitsFor, entry.LogBytes, entry.Cancelled is not null && !entry.Run.HasEnded);
    }

    private List<LockHolder> WaitsFor(Entry entry) =>
        [.. from own in entry.Run.Order.Locks
            from other in _entries.TakeWhile(other => other != entry)
            where !other.Run.HasEnded
            from held in other.Run.Order.Locks
            where held.Name == own.Name && !(held.IsShared && own.IsShared)
            select new LockHolder(own.Name, other.Run.Id)];

    private sealed class Entry(Run run)
    {
        public Run Run { get; set; } = run;

        public RunClaim? Claim { get; set; }

        /// <summary>How it ends where it does not start.</summary>
        public Run? Cancelled { get; set; }

        public long LogBytes { get; set; }

        public bool IsQueued => Claim is null && !Run.HasEnded;
    }
}
