using Servo.Application.Runs;
using Servo.Domain.Runs;

namespace Servo.Infrastructure.Runs;

/// <summary>Adds, reads and ends single runs.</summary>
internal static class RunTable
{
    private const string ById = $"select {RunRow.Columns} from run where run.id = $id";

    private const string ByKey = $"select {RunRow.Columns} from run where run.idempotency_key = $key";

    public static RunRow? Find(SqliteSession session, RunId id) => session.Rows(RunRow.Read, ById, ("$id", id.ToString())) is [var row] ? row : null;

    public static RunRow? Find(SqliteSession session, IdempotencyKey key) => session.Rows(RunRow.Read, ByKey, ("$key", key.Value)) is [var row] ? row : null;

    /// <summary>A run as callers see it.</summary>
    public static RunRecord Record(SqliteSession session, RunRow row) =>
        Record(session, row, row.State == RunRow.Queued ? RunQueue.Count(session, upTo: row.Sequence) : null);

    /// <summary>A run as callers see it, where its position is known.</summary>
    public static RunRecord Record(SqliteSession session, RunRow row, int? position)
    {
        var holders = RunQueue.Holders(session, row);
        return new RunRecord(holders.Count > 0 ? row.Run.Wait() : row.Run, position, holders, row.LogBytes, row.Cancelled is not null && !row.Run.HasEnded);
    }

    /// <summary>Adds a run, queued; <see langword="null"/> where it was added before.</summary>
    public static RunRow? Add(SqliteSession session, Run run, RunOrigin origin)
    {
        var order = run.Order;

        var added = session.Scalar(
            """
            insert into run (id, state, origin, accepted, detached, idempotency_key, request_digest, request, variables)
            values ($id, 'queued', $origin, $accepted, $detached, $key, $digest, $request, $variables)
            on conflict (id) do nothing returning seq
            """,
            ("$id", run.Id.ToString()),
            ("$origin", origin.ToString()),
            ("$accepted", RunRow.ToMilliseconds(run.Accepted)),
            ("$detached", order.IsDetached ? 1 : 0),
            ("$key", order.Key?.Value),
            ("$digest", order.Key?.RequestDigest),
            ("$request", RunRequestJson.Write(order)),
            ("$variables", RunRequestJson.WriteVariables(order.Variables)));

        if (added is not long sequence)
            return null;

        foreach (var script in order.Scripts.Distinct())
            session.Execute("insert into run_script (name, seq) values ($name, $seq)", ("$name", script), ("$seq", sequence));

        RunQueue.Enter(session, sequence, order.Locks);
        return new RunRow(sequence, RunRow.Queued, Host: null, origin, run, Cancelled: null, LogBytes: 0);
    }

    /// <summary>Takes back a run that was just added.</summary>
    public static void Remove(SqliteSession session, long sequence)
    {
        RunQueue.Leave(session, sequence);
        session.Execute("delete from run_script where seq = $seq", ("$seq", sequence));
        session.Execute("delete from run where seq = $seq", ("$seq", sequence));
    }

    /// <summary>Claims a queued run for a host.</summary>
    public static RunRow Claim(SqliteSession session, RunRow row, HostId host)
    {
        session.Execute("update run set state = 'claimed', host = $host where seq = $seq", ("$seq", row.Sequence), ("$host", host.ToString()));
        return row with { State = RunRow.Claimed, Host = host };
    }

    /// <summary>Claims a run that was just added, and starts it.</summary>
    public static RunRow Start(SqliteSession session, RunRow row, HostId host)
    {
        var started = row.Run.Start(row.Run.Accepted);

        session.Execute(
            "update run set state = 'running', host = $host, started = $now where seq = $seq",
            ("$seq", row.Sequence),
            ("$host", host.ToString()),
            ("$now", RunRow.ToMilliseconds(row.Run.Accepted)));

        return row with { State = RunRow.Running, Host = host, Run = started };
    }

    /// <summary>Puts a claimed run back into its place, or ends it where it was cancelled meanwhile; says whether it has ended.</summary>
    public static bool Requeue(SqliteSession session, RunRow row)
    {
        if (row.Cancelled is { } cancelled)
        {
            End(session, cancelled, row.LogBytes);
            return true;
        }

        session.Execute("update run set state = 'queued', host = null where seq = $seq", ("$seq", row.Sequence));
        return false;
    }

    /// <summary>Notes how a claimed run is to end, unless that was noted before.</summary>
    public static void NoteCancellation(SqliteSession session, RunRow row, Run cancelled) => session.Execute(
        """
        update run set cancelled = $now, cancel_state = $state, cancel_kind = $kind, cancel_detail = $detail
        where seq = $seq and cancelled is null
        """,
        ("$seq", row.Sequence),
        ("$now", RunRow.ToMilliseconds(cancelled.Ended!.Value)),
        ("$state", RunRow.NameOf(cancelled.State)),
        ("$kind", cancelled.Failure!.Kind),
        ("$detail", cancelled.Failure.Detail));

    /// <summary>
    /// Keeps the end of a run, frees its locks, forgets the values of its variables, and frees its key where the same may be posted again;
    /// <see langword="false"/> where it has ended before, or another host than the one that is named has claimed it.
    /// </summary>
    public static bool End(SqliteSession session, Run ended, long logBytes, HostId? host = null)
    {
        var hasEnded = session.Execute(
            """
            update run set state = $state, started = coalesce($started, started), ended = $ended, results = $results,
                failure_kind = $kind, failure_detail = $detail, log_bytes = $bytes, variables = null,
                idempotency_key = case when $free then null else idempotency_key end
            where id = $id and ended is null and host is coalesce($host, host)
            """,
            ("$id", ended.Id.ToString()),
            ("$host", host?.ToString()),
            ("$state", RunRow.NameOf(ended.State)),
            ("$started", ended.Started is { } started ? RunRow.ToMilliseconds(started) : null),
            ("$ended", RunRow.ToMilliseconds(ended.Ended!.Value)),
            ("$results", RunRequestJson.WriteResults(ended.Results)),
            ("$kind", ended.Failure?.Kind),
            ("$detail", ended.Failure?.Detail),
            ("$bytes", logBytes),
            ("$free", ended is { Started: null, Failure.MayBePostedAgain: true } ? 1 : 0)) == 1;

        if (hasEnded && ended.Order.Locks.Count > 0)
            RunQueue.Leave(session, ended.Id);

        return hasEnded;
    }

    /// <summary>Whether a run that has ended did so in this way.</summary>
    public static bool EndedAs(RunRow row, Run ended) =>
        row.Run.State == ended.State
        && row.Run.Ended is { } when && RunRow.ToMilliseconds(when) == RunRow.ToMilliseconds(ended.Ended!.Value)
        && (row.Run.Failure?.Kind, row.Run.Failure?.Detail) == (ended.Failure?.Kind, ended.Failure?.Detail)
        && row.Run.Results.SequenceEqual(ended.Results);
}
