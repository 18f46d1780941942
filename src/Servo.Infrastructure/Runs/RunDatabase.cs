using Microsoft.Data.Sqlite;

namespace Servo.Infrastructure.Runs;

/// <summary>The database of runs: one thread writes, several read.</summary>
internal sealed class RunDatabase : IDisposable
{
    private const int Readers = 2;
    private const int MaxBatch = 256;

    // Earlier ones can lose commits of the write-ahead log: https://sqlite.org/wal.html, "The WAL-Reset Bug".
    private static readonly Version _oldestSafe = new(3, 51, 3);

    private readonly SqliteThreads _writer;
    private readonly SqliteThreads _readers;

    /// <summary>Opens the database of a folder, makes it where it is missing, and brings its tables to the newest version.</summary>
    /// <exception cref="IOException">It cannot be opened; the message says why.</exception>
    public RunDatabase(StateDirectory directory)
    {
        var writing = Open(directory.Database);
        _writer = new SqliteThreads("servo-store-writer", [writing], MaxBatch, new GroupCommit().Perform);
        _readers = new SqliteThreads("servo-store-reader", Sessions(directory.Database), 1, Read);
    }

    /// <summary>Names this opening of the database: what was accepted in another has lost the caller that waited for it.</summary>
    public RunOrigin Origin { get; } = RunOrigin.New();

    /// <summary>Changes something, in a transaction; visible to all that is read after this returns.</summary>
    public Task<T> WriteAsync<T>(Func<SqliteSession, T> action, bool survivesPowerCut, CancellationToken cancellationToken = default) =>
        WriteAsync(action, _ => survivesPowerCut, cancellationToken);

    /// <summary>Changes something, where what is stored decides whether it must survive a power cut.</summary>
    public Task<T> WriteAsync<T>(Func<SqliteSession, T> action, Func<SqliteSession, bool> survivesPowerCut, CancellationToken cancellationToken = default) =>
        _writer.DoAsync(new SqliteResultWork<T>(action, survivesPowerCut, cancellationToken));

    /// <summary>Reads from one snapshot.</summary>
    public Task<T> ReadAsync<T>(Func<SqliteSession, T> action, CancellationToken cancellationToken) =>
        _readers.DoAsync(new SqliteResultWork<T>(action, _ => false, cancellationToken));

    public void Dispose()
    {
        // The writer last: with the last connection SQLite empties and removes the write-ahead log, which one that only reads cannot.
        _readers.Dispose();
        _writer.Dispose();
    }

    private static SqliteSession Open(string path)
    {
        SqliteSession? session = null;

        try
        {
            if (!File.Exists(path))
                PrivateFile.Create(path).Dispose();

            session = new SqliteSession(path, readOnly: false);
            RequireSafeVersion((string)session.Scalar("select sqlite_version()")!);
            session.Execute("pragma journal_mode = wal");

            // What a run no longer needs, such as its variables, is overwritten and not only forgotten.
            session.Execute("pragma secure_delete = on");
            session.Execute("pragma journal_size_limit = 16777216");
            RunSchema.Migrate(session, path);
            return session;
        }
        catch (Exception e)
        {
            var failure = SqliteFailure.Translate(e);
            session?.Dispose();
            throw failure is SqliteException ? new IOException($"The database of runs '{path}' cannot be opened ({failure.Message}).", failure) : failure;
        }
    }

    internal static void RequireSafeVersion(string version)
    {
        if (Version.Parse(version) < _oldestSafe)
            throw new IOException(
                $"The SQLite library is of version {version}, which can lose what was committed; Servo needs {_oldestSafe} or later. "
                + "Install Servo as it was published.");
    }

    private static IEnumerable<SqliteSession> Sessions(string path) => Enumerable.Range(0, Readers).Select(_ => new SqliteSession(path, readOnly: true));

    private static void Read(SqliteSession session, IReadOnlyList<SqliteWork> batch)
    {
        foreach (var work in batch)
        {
            try
            {
                session.Execute("begin");

                try
                {
                    work.Do(session);
                }
                finally
                {
                    session.Execute("commit");
                }
            }
            catch (Exception e)
            {
                work.Fail(SqliteFailure.Translate(e));
                continue;
            }

            work.Complete();
        }
    }
}
