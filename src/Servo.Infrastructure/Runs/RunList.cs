using System.Text;
using Servo.Application.Runs;
using Servo.Domain.Runs;

namespace Servo.Infrastructure.Runs;

/// <summary>Lists runs by pages, each in a time that does not grow with what lies before it.</summary>
internal static class RunList
{
    public static RunPage Read(SqliteSession session, RunQuery query)
    {
        var rows = session.Rows(
            RunRow.Read,
            Statement(query),
            ("$limit", query.Limit + 1),
            ("$state", query.State is { } state and not RunState.Waiting ? RunRow.NameOf(state) : null),
            ("$script", query.Script),
            ("$since", query.Since is { } since ? RunRow.ToMilliseconds(since) : null),
            ("$after", query.After?.ToString()));

        var isLast = rows.Count <= query.Limit;

        if (!isLast)
            rows.RemoveAt(query.Limit);

        return new RunPage(Records(session, rows), isLast ? null : rows[^1].Run.Id);
    }

    private static List<RunRecord> Records(SqliteSession session, List<RunRow> rows)
    {
        // From the oldest on, so that each queued run is counted once for the whole page.
        var records = new List<RunRecord>(rows.Count);
        var (counted, position) = (0L, 0);

        foreach (var row in Enumerable.Reverse(rows))
        {
            if (row.State == RunRow.Queued)
                (counted, position) = (row.Sequence, position + RunQueue.Count(session, after: counted, upTo: row.Sequence));

            records.Add(RunTable.Record(session, row, row.State == RunRow.Queued ? position : null));
        }

        records.Reverse();
        return records;
    }

    private static string Statement(RunQuery query)
    {
        var text = new StringBuilder($"select {RunRow.Columns} from run ");

        if (query.Script is not null)
            text.Append("join run_script script on script.seq = run.seq and script.name = $script ");

        text.Append("where true ");

        if (query.After is not null)
            text.Append($"and {Sequence(query)} < coalesce((select seq from run where id = $after), (select max(seq) + 1 from run where id < $after), 0) ");

        if (query.Since is not null)
            text.Append($"and run.accepted >= $since and {Sequence(query)} >= (select min(seq) from run where accepted >= $since) ");

        text.Append(query.State switch
        {
            null => "",
            RunState.Queued => $"and (run.state = 'claimed' or run.state = 'queued' and not {RunQueue.IsWaiting}) ",
            RunState.Waiting => $"and run.state = 'queued' and {RunQueue.IsWaiting} ",
            _ => "and run.state = $state ",
        });

        return text.Append($"order by {Sequence(query)} desc limit $limit").ToString();
    }

    private static string Sequence(RunQuery query) => query.Script is null ? "run.seq" : "script.seq";
}
