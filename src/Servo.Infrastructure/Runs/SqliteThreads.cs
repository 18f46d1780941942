namespace Servo.Infrastructure.Runs;

/// <summary>
/// A thread of its own for each session that takes work from one queue: SQLite blocks while it works, which no thread of the pool is to do.
/// </summary>
internal sealed class SqliteThreads : IDisposable
{
    // A monitor, as a thread that waits at one sleeps at once; every other wait spins first, at the cost of the runs.
    private readonly object _gate = new();
    private readonly Queue<SqliteWork> _queue = [];
    private readonly List<(Thread Thread, SqliteSession Session)> _threads = [];
    private bool _isClosed;

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
    public Task<T> DoAsync<T>(SqliteResultWork<T> work)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            _queue.Enqueue(work);
            Monitor.Pulse(_gate);
        }

        return work.Completion;
    }

    /// <summary>Ends once all that is queued is done.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            Monitor.PulseAll(_gate);
        }

        foreach (var (thread, session) in _threads)
        {
            thread.Join();
            session.Dispose();
        }
    }

    private void Loop(SqliteSession session, int atOnce, Action<SqliteSession, IReadOnlyList<SqliteWork>> perform)
    {
        var batch = new List<SqliteWork>(atOnce);

        while (TryTake(batch, atOnce))
        {
            perform(session, batch);
            batch.Clear();
        }
    }

    private bool TryTake(List<SqliteWork> batch, int atMost)
    {
        lock (_gate)
        {
            while (_queue.Count == 0 && !_isClosed)
                Monitor.Wait(_gate);

            while (batch.Count < atMost && _queue.TryDequeue(out var work))
                batch.Add(work);
        }

        return batch.Count > 0;
    }
}
