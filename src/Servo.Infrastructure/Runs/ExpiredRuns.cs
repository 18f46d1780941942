using Servo.Application.Runs;
using Servo.Domain.Runs;

namespace Servo.Infrastructure.Runs;

/// <summary>Finds and forgets the ended runs that are kept no longer.</summary>
internal static class ExpiredRuns
{
    /// <summary>
    /// Those that are too old or have too much after them, the oldest first. Where the clock was set back, runs count as ended no earlier
    /// than those before them were accepted, so that the latest are not the first to go.
    /// </summary>
    public static List<(long Sequence, RunId Id)> Find(SqliteSession session, Retention keep, DateTimeOffset now) => session.Rows(
        row => (row.GetInt64(0), RunRow.Id(row.GetString(1))),
        """
        select run.seq, run.id from run join (
            select seq, ended,
                row_number() over (order by ended desc, seq desc) as runs,
                sum(log_bytes) over (order by ended desc, seq desc rows unbounded preceding) as bytes
            from (select seq, log_bytes, max(ended, max(accepted) over (order by seq)) as ended from run)
            where ended is not null
        ) kept on kept.seq = run.seq
        where run.ended < $oldest or kept.runs > $runs or kept.bytes > $bytes
        order by kept.ended, kept.seq
        """,
        ("$oldest", RunRow.ToMilliseconds(now - keep.MaxAge)), ("$runs", keep.MaxRuns), ("$bytes", keep.MaxBytes));

    /// <summary>Forgets them; returns how many.</summary>
    public static int Remove(SqliteSession session, (long Sequence, RunId Id)[] runs)
    {
        foreach (var (sequence, _) in runs)
            RunTable.Remove(session, sequence);

        return runs.Length;
    }
}
