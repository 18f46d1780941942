using Microsoft.Data.Sqlite;
using Servo.Domain.Runs;

namespace Servo.Infrastructure.Runs;

/// <summary>A row of the table of runs.</summary>
/// <param name="Sequence">Its number in the order of acceptance.</param>
/// <param name="State">Its state as it is stored.</param>
/// <param name="Host">The host that has claimed it, or had.</param>
/// <param name="Origin">Where it was accepted.</param>
/// <param name="Run">The run itself.</param>
/// <param name="Cancelled">How it ends where it does not start; <see langword="null"/> where nobody has cancelled it.</param>
/// <param name="LogBytes">The size of its log.</param>
internal sealed record RunRow(long Sequence, string State, HostId? Host, RunOrigin Origin, Run Run, Run? Cancelled, long LogBytes)
{
    public const string Queued = "queued";

    /// <summary>Claimed by a host that has not started it; to callers it is queued.</summary>
    public const string Claimed = "claimed";

    public const string Running = "running";

    /// <summary>What <see cref="Read"/> reads.</summary>
    public const string Columns = """
        run.seq, run.id, run.state, run.host, run.accepted, run.started, run.ended, run.detached, run.idempotency_key, run.request_digest,
        run.request, run.variables, run.results, run.failure_kind, run.failure_detail, run.log_bytes,
        run.cancelled, run.cancel_state, run.cancel_kind, run.cancel_detail, run.origin
        """;

    public static RunRow Read(SqliteDataReader row)
    {
        var state = row.GetString(2);
        var key = Text(row, 8) is { } value ? new IdempotencyKey(value, row.GetString(9)) : null;

        var run = Run.Restore(
            Id(row.GetString(1)),
            RunRequestJson.Read(row.GetString(10), Text(row, 11), row.GetBoolean(7), key),
            StateOf(state),
            FromMilliseconds(row.GetInt64(4)),
            row.IsDBNull(5) ? null : FromMilliseconds(row.GetInt64(5)),
            row.IsDBNull(6) ? null : FromMilliseconds(row.GetInt64(6)),
            RunRequestJson.ReadResults(row.GetString(12)),
            Text(row, 13) is { } kind ? new RunFailure.Recorded(kind, row.GetString(14)) : null);

        var cancelled = row.IsDBNull(16)
            ? null
            : Run.Restore(
                run.Id, run.Order, StateOf(row.GetString(17)), run.Accepted, started: null, FromMilliseconds(row.GetInt64(16)), [],
                new RunFailure.Recorded(row.GetString(18), row.GetString(19)));

        var host = Text(row, 3) is { } id ? new HostId(Guid.ParseExact(id, "N")) : (HostId?)null;
        return new RunRow(row.GetInt64(0), state, host, RunOrigin.Parse(row.GetString(20)), run, cancelled, row.GetInt64(15));
    }

    public static RunId Id(string text) =>
        RunId.TryParse(text, out var id) ? id : throw new InvalidDataException($"'{text}' is not the id of a run.");

    /// <summary>The name under which a state is stored; one that is only claimed has none here.</summary>
    public static string NameOf(RunState state) => state switch
    {
        RunState.Queued => Queued,
        RunState.Running => Running,
        RunState.Succeeded => "succeeded",
        RunState.Failed => "failed",
        RunState.Cancelled => "cancelled",
        RunState.TimedOut => "timed-out",
        RunState.Lost => "lost",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "This state is not stored."),
    };

    /// <summary>Times are kept to the millisecond.</summary>
    public static long ToMilliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    private static DateTimeOffset FromMilliseconds(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private static RunState StateOf(string name) => name switch
    {
        Queued or Claimed => RunState.Queued,
        Running => RunState.Running,
        "succeeded" => RunState.Succeeded,
        "failed" => RunState.Failed,
        "cancelled" => RunState.Cancelled,
        "timed-out" => RunState.TimedOut,
        "lost" => RunState.Lost,
        _ => throw new InvalidDataException($"'{name}' is not the state of a run."),
    };

    private static string? Text(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
