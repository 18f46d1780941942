using Servo.Application.Logs;
using Servo.Application.Runs;
using Servo.Domain.Runs;

namespace Servo.Infrastructure.Runs;

/// <summary>
/// The lease of the only host: it holds as long as this process lives, by the lock of <see cref="StateDirectory"/>. Whatever another id has claimed is left
/// from a host that is gone.
/// </summary>
internal sealed class SqliteHostLease(RunDatabase database, IRunLog logs) : IHostLease
{
    private static readonly RunFailure.Cancelled _notStarted = new("the host ended before it started") { MayBePostedAgain = true };

    private const string Left = $"""
        select {RunRow.Columns} from run
        where run.state in ('claimed', 'running') and run.host <> $host
            or run.state = 'queued' and run.detached = 0 and run.origin <> $origin
        order by run.seq
        """;

    private HostId _host;

    public Task<HostId> JoinAsync(CancellationToken cancellationToken) => Task.FromResult(_host = HostId.New());

    public async Task<IReadOnlyList<Run>> ReapAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var sizes = new Dictionary<RunId, long>();

        foreach (var row in await database.ReadAsync(Leftovers, cancellationToken))
        {
            // Whoever claims it next begins its log anew.
            if (row.State == RunRow.Claimed && !IsInDoubt(row))
                await logs.DeleteAsync(row.Run.Id);

            sizes[row.Run.Id] = await logs.LengthAsync(row.Run.Id);
        }

        return await database.WriteAsync<IReadOnlyList<Run>>(
            session => [.. Leftovers(session).Select(row => Reap(session, row, now, sizes.GetValueOrDefault(row.Run.Id))).OfType<Run>()],
            survivesPowerCut: false,
            cancellationToken);
    }

    private List<RunRow> Leftovers(SqliteSession session) =>
        session.Rows(RunRow.Read, Left, ("$host", _host.ToString()), ("$origin", database.Origin.ToString()));

    /// <summary>
    /// Whether a run may have started though it is not stored: the start of one that is not detached is not on the disk yet when its
    /// scripts begin.
    /// </summary>
    private bool IsInDoubt(RunRow row) => !row.Run.Order.IsDetached && row.Origin.Boot != database.Origin.Boot;

    private Run? Reap(SqliteSession session, RunRow row, DateTimeOffset now, long logBytes)
    {
        if (row.State == RunRow.Running || IsInDoubt(row))
            RunTable.End(session, row.Run.Lose(now), logBytes);
        else if (!row.Run.Order.IsDetached)
            RunTable.End(session, row.Cancelled ?? row.Run.Fail(_notStarted, now), logBytes);
        else if (!RunTable.Requeue(session, row))
            return null;

        return RunTable.Find(session, row.Run.Id)!.Run;
    }
}
