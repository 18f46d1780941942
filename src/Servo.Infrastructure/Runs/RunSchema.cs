using Servo.Application.Runs;

namespace Servo.Infrastructure.Runs;

/// <summary>The tables, as steps that are only ever added: a database of any earlier version is brought to the newest when it is opened.</summary>
internal static class RunSchema
{
    // One more at the end for each change; none of those that were released is touched again.
    private static readonly string[] _migrations =
    [
        """
        create table run (
            seq integer primary key autoincrement,
            id text not null unique,
            state text not null,
            host text,
            origin text not null,
            accepted integer not null,
            started integer,
            ended integer,
            detached integer not null,
            idempotency_key text,
            request_digest text,
            request text not null,
            variables text,
            cancelled integer,
            cancel_state text,
            cancel_kind text,
            cancel_detail text,
            results text not null default '[]',
            failure_kind text,
            failure_detail text,
            log_bytes integer not null default 0
        ) strict;
        create index run_state on run (state, seq);
        create index run_accepted on run (accepted);
        create index run_ended on run (ended, seq, log_bytes) where ended is not null;
        create unique index run_key on run (idempotency_key) where idempotency_key is not null;
        create table run_script (name text not null, seq integer not null, primary key (name, seq)) strict, without rowid;
        create index run_script_seq on run_script (seq);
        create table run_lock (name text not null, shared integer not null, seq integer not null, primary key (name, shared, seq)) strict, without rowid;
        create index run_lock_seq on run_lock (seq);
        """,
    ];

    /// <summary>The version that this program writes.</summary>
    public static int Newest => _migrations.Length;

    /// <summary>The version of a database; 0 where it is new.</summary>
    public static int VersionOf(SqliteSession session) => Convert.ToInt32(session.Scalar("pragma user_version"), null);

    /// <summary>Brings a database to a version, each step whole or not at all.</summary>
    /// <exception cref="IOException">It is of a later version than this program knows.</exception>
    public static void Migrate(SqliteSession session, string path, int? to = null)
    {
        var version = VersionOf(session);

        if (version > Newest)
            throw new IOException(
                $"'{path}' was written by a newer Servo: its schema is {version}, and this one knows {Newest}. "
                + $"Start that one, or set {StateOptions.RootKey} to another folder.");

        for (; version < (to ?? Newest); version++)
            session.Execute($"begin immediate; {_migrations[version]} pragma user_version = {version + 1}; commit");
    }
}
