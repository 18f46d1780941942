using Servo.Application.Runs;
using Servo.Domain.Runs;

namespace Servo.Infrastructure.Runs;

/// <summary>Who may start, who waits for whom. Locks are kept from a run's acceptance to its end, so that what was accepted first comes first.</summary>
internal static class RunQueue
{
    /// <summary>
    /// Whether a run in the table <c>run</c> lacks a lock. Only what was accepted before it can hold one: what comes later waits behind it. Each half
    /// looks for one row of an index, however many runs wait for the same name.
    /// </summary>
    public const string IsWaiting = """
        exists (select 1 from run_lock mine where mine.seq = run.seq and (
            exists (select 1 from run_lock other where other.name = mine.name and other.shared = 0 and other.seq < mine.seq)
            or mine.shared = 0 and exists (select 1 from run_lock other where other.name = mine.name and other.shared = 1 and other.seq < mine.seq)))
        """;

    // Enough to tell whom a run waits for; a list of all would grow with the square of the queue.
    private const int MaxHolders = 16;

    private const string Next = $"select {RunRow.Columns} from run where run.state = 'queued' and not {IsWaiting} order by run.seq limit $limit";

    private const string First = $"select run.seq from run where run.state = 'queued' and not {IsWaiting} order by run.seq limit 1";

    private const string OfHost = $"select {RunRow.Columns} from run where run.state = 'claimed' and run.host = $host order by run.seq";

    /// <summary>The queued runs that could start, in order.</summary>
    public static List<RunRow> Startable(SqliteSession session, int atMost) => session.Rows(RunRow.Read, Next, ("$limit", atMost));

    /// <summary>The number of the first queued run that could start, if there is one.</summary>
    public static long? FirstStartable(SqliteSession session) => (long?)session.Scalar(First);

    /// <summary>What a host has claimed and not started.</summary>
    public static List<RunRow> ClaimedBy(SqliteSession session, HostId host) => session.Rows(RunRow.Read, OfHost, ("$host", host.ToString()));

    /// <summary>How many runs are queued that were accepted after one and up to another.</summary>
    public static int Count(SqliteSession session, long after = 0, long upTo = long.MaxValue) => (int)(long)session.Scalar(
        "select count(*) from run where state = 'queued' and seq > $after and seq <= $upTo", ("$after", after), ("$upTo", upTo))!;

    /// <summary>Takes the locks of a run that was just added, or its place in their order.</summary>
    public static void Enter(SqliteSession session, long sequence, IReadOnlyList<RunLock> locks)
    {
        foreach (var each in locks)
            session.Execute(
                "insert into run_lock (name, shared, seq) values ($name, $shared, $seq)",
                ("$name", each.Name), ("$shared", each.IsShared ? 1 : 0), ("$seq", sequence));
    }

    /// <summary>Frees the locks of a run that has ended.</summary>
    public static void Leave(SqliteSession session, RunId run) =>
        session.Execute("delete from run_lock where seq = (select seq from run where id = $id)", ("$id", run.ToString()));

    /// <summary>Takes the entries of a run back.</summary>
    public static void Leave(SqliteSession session, long sequence) => session.Execute("delete from run_lock where seq = $seq", ("$seq", sequence));

    /// <summary>Whom a queued run waits for, the first of each lock.</summary>
    public static IReadOnlyList<LockHolder> Holders(SqliteSession session, RunRow row) =>
        row.State == RunRow.Queued ? [.. row.Run.Order.Locks.SelectMany(each => Holders(session, row.Sequence, each))] : [];

    private static List<LockHolder> Holders(SqliteSession session, long sequence, RunLock wanted) => session.Rows(
        row => new LockHolder(wanted.Name, RunRow.Id(row.GetString(0))),
        """
        select run.id from run join (
            select seq from (select seq from run_lock where name = $name and shared = 0 and seq < $seq order by seq limit $limit)
            union all
            select seq from (select seq from run_lock where name = $name and shared = 1 and $exclusive and seq < $seq order by seq limit $limit)
        ) holder on holder.seq = run.seq order by run.seq limit $limit
        """,
        ("$name", wanted.Name), ("$seq", sequence), ("$limit", MaxHolders), ("$exclusive", wanted.IsShared ? 0 : 1));
}
