using System.Threading.Channels;

namespace Servo.Infrastructure.Runs;

/// <summary>
/// A thread of its own for each session that takes work from one queue: SQLite blocks while it works, which no thread of the pool is to do.
/// </summary>
internal sealed class SqliteThreads : IDisposable
{
    private readonly Channel<SqliteWork> _queue = Channel.CreateUnbounded<SqliteWork>();
    private readonly List<(Thread Thread, SqliteSession Session)> _threads = [];

    /// <summary>Starts a thread per session; <paramref name="perform"/> does what is queued, one or several at once, and completes it.</summary>
    public SqliteThreads(string name, IEnumerable<SqliteSession> sessions, int atOnce, Action<SqliteSession, IReadOnlyList<SqliteWork>> perform)
    {
        foreach (var session in sessions)
        {
            var thread = new Thread(() => Loop(session, atOnce, perform)) { IsBackground = true, Name = name };
            _threads.Add((thread, session));
            thread.Start();
        }
    }

    /// <summary>Queues work and waits for it.</summary>
    public Task<T> DoAsync<T>(SqliteWork<T> work) =>
        _queue.Writer.TryWrite(work) ? work.Completion : throw new ObjectDisposedException(nameof(SqliteThreads));

    /// <summary>Ends once all that is queued is done.</summary>
    public void Dispose()
    {
        _queue.Writer.TryComplete();

        foreach (var (thread, session) in _threads)
        {
            thread.Join();
            session.Dispose();
        }
    }

    private void Loop(SqliteSession session, int atOnce, Action<SqliteSession, IReadOnlyList<SqliteWork>> perform)
    {
        var batch = new List<SqliteWork>(atOnce);

        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (batch.Count < atOnce && _queue.Reader.TryRead(out var work))
                batch.Add(work);

            if (batch.Count > 0)
                perform(session, batch);

            batch.Clear();
        }
    }
}
