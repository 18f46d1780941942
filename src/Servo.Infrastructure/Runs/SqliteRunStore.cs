using Servo.Application;
using Servo.Application.Runs;
using Servo.Domain.Runs;

namespace Servo.Infrastructure.Runs;

/// <summary>Keeps the runs of one host in a SQLite database.</summary>
internal sealed class SqliteRunStore(RunDatabase database, StateReserve reserve) : IRunStore
{
    // So that one pass does not keep others waiting.
    private const int TrimAtOnce = 256;

    public Task<Acceptance> AcceptAsync(Run run, HostId? claimHere, int maxQueued, CancellationToken cancellationToken) => database.WriteAsync<Acceptance>(
        session =>
        {
            reserve.Keep();

            if (run.Order.Key is { } key && RunTable.Find(session, key) is { } existing && existing.Run.Id != run.Id)
                return existing.Run.Order.Key == key ? new Acceptance.Existing(RunTable.Record(session, existing)) : new Acceptance.KeyReused();

            if (RunTable.Add(session, run, database.Origin) is not { } added)
                return AcceptedBefore(session, RunTable.Find(session, run.Id)!, claimHere);

            if (claimHere is { } host && RunQueue.FirstStartable(session) == added.Sequence)
            {
                var claimed = run.Order.IsDetached ? RunTable.Claim(session, added, host) : RunTable.Start(session, added, host);
                return new Acceptance.Accepted(RunTable.Record(session, claimed, position: null), new RunClaim(run.Id, host));
            }

            var position = RunQueue.Count(session);

            if (position <= maxQueued)
                return new Acceptance.Accepted(RunTable.Record(session, added, position), null);

            RunTable.Remove(session, added.Sequence);
            return new Acceptance.Busy();
        },
        survivesPowerCut: run.Order.IsDetached,
        cancellationToken);

    public Task<bool> DetachAsync(RunId id) => database.WriteAsync(
        session => session.Execute("update run set detached = 1 where id = $id and state in ('queued', 'claimed')", ("$id", id.ToString())) == 1,
        survivesPowerCut: true);

    public Task<IReadOnlyList<ClaimedRun>> ClaimAsync(HostId host, int slots, IReadOnlyCollection<RunId> known, CancellationToken cancellationToken) =>
        database.WriteAsync<IReadOnlyList<ClaimedRun>>(
            session =>
            {
                var claimed = RunQueue.ClaimedBy(session, host).Where(row => !known.Contains(row.Run.Id)).Take(slots).ToList();

                foreach (var row in RunQueue.Startable(session, slots - claimed.Count))
                {
                    RunTable.Claim(session, row, host);
                    claimed.Add(row);
                }

                return [.. claimed.Select(row => new ClaimedRun(new RunClaim(row.Run.Id, host), row.Run))];
            },
            survivesPowerCut: false,
            cancellationToken);

    public Task<bool> StartAsync(RunClaim claim, DateTimeOffset now) => database.WriteAsync(
        session => session.Execute(
            """
            update run set state = 'running', started = max($now, accepted)
            where id = $id and host = $host and state = 'claimed' and cancelled is null
            """,
            ("$id", claim.Run.ToString()), ("$host", claim.Host.ToString()), ("$now", RunRow.ToMilliseconds(now))) == 1,

        // The next host would start a detached one again; the caller that waited for another learns that its end is in doubt.
        survivesPowerCut: session => session.Scalar("select detached from run where id = $id", ("$id", claim.Run.ToString())) is 1L);

    public Task<bool> ReleaseAsync(RunClaim claim) => database.WriteAsync(
        session =>
        {
            if (RunTable.Find(session, claim.Run) is not { State: RunRow.Claimed } row || row.Host != claim.Host)
                return false;

            RunTable.Requeue(session, row);
            return true;
        },
        survivesPowerCut: false);

    public async Task<bool> FinishAsync(RunClaim claim, Run ended, long logBytes)
    {
        if (!ended.HasEnded || ended.Id != claim.Run)
            throw new ArgumentException($"Run {ended.Id} is {ended.State}, which is not the end of run {claim.Run}.", nameof(ended));

        return await EndAsync(Finish, survivesPowerCut: false);

        bool Finish(SqliteSession session) =>
            RunTable.End(session, ended, logBytes, claim.Host)
            || (RunTable.Find(session, claim.Run) is { } row && row.Host == claim.Host && RunTable.EndedAs(row, ended));
    }

    public Task<CancelResult> CancelAsync(RunId id, RunFailure why, DateTimeOffset now) => EndAsync<CancelResult>(
        session =>
        {
            if (RunTable.Find(session, id) is not { } row)
                return new CancelResult.Unknown();

            var hasEnded = row.Run.HasEnded;

            if (row.State == RunRow.Queued)
                RunTable.End(session, row.Run.Fail(why, now), row.LogBytes);
            else if (!hasEnded)
                RunTable.NoteCancellation(session, row, row.Run.Fail(why, now));

            var record = RunTable.Record(session, RunTable.Find(session, id)!);
            return record.Run.HasEnded ? new CancelResult.Ended(record, ByThis: !hasEnded) : new CancelResult.Requested(record);
        },

        // A run that was reported as cancelled must not start after a power cut.
        survivesPowerCut: true);

    public Task<RunRecord?> FindAsync(RunId id, CancellationToken cancellationToken) =>
        database.ReadAsync(session => RunTable.Find(session, id) is { } row ? RunTable.Record(session, row) : null, cancellationToken);

    public Task<RunPage> ListAsync(RunQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        return database.ReadAsync(session => RunList.Read(session, query), cancellationToken);
    }

    public async Task<IReadOnlyList<RunId>> TrimAsync(Retention keep, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // What has ended changes no more, so it may be looked for beside the writer.
        var old = await database.ReadAsync(session => ExpiredRuns.Find(session, keep, now), cancellationToken);

        foreach (var some in old.Chunk(TrimAtOnce))
            await database.WriteAsync(session => ExpiredRuns.Remove(session, some), survivesPowerCut: false, cancellationToken);

        return [.. old.Select(each => each.Id)];
    }

    /// <summary>Writes what ends a run, for which there is room on a full disk, too.</summary>
    private async Task<T> EndAsync<T>(Func<SqliteSession, T> end, bool survivesPowerCut)
    {
        try
        {
            return await database.WriteAsync(end, survivesPowerCut);
        }
        catch (IOException e) when (DiskSpace.IsLacking(e))
        {
            reserve.Use();
            return await database.WriteAsync(end, survivesPowerCut);
        }
    }

    private static Acceptance.Accepted AcceptedBefore(SqliteSession session, RunRow same, HostId? claimHere) => new(
        RunTable.Record(session, same), same.State == RunRow.Claimed && same.Host == claimHere ? new RunClaim(same.Run.Id, claimHere!.Value) : null);
}
