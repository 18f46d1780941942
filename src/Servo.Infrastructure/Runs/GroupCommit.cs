namespace Servo.Infrastructure.Runs;

/// <summary>
/// Commits what several callers want in one transaction, so that they share the wait for the disk. Each keeps to itself: what one throws undoes its own
/// changes, and where the transaction fails as a whole each is tried alone.
/// </summary>
internal sealed class GroupCommit
{
    private bool? _isSynchronous;

    /// <summary>Does the work in one transaction and tells each caller after the commit.</summary>
    public void Perform(SqliteSession session, IReadOnlyList<SqliteWork> batch)
    {
        try
        {
            Commit(session, batch, out var failures);

            for (var i = 0; i < batch.Count; i++)
            {
                if (failures[i] is { } failure)
                    batch[i].Fail(failure);
                else
                    batch[i].Complete();
            }
        }
        catch (Exception e)
        {
            var failure = SqliteFailure.Translate(e);
            RollBack(session);

            if (batch is [var alone])
                alone.Fail(failure);
            else
                foreach (var work in batch)
                    Perform(session, [work]);
        }
    }

    private void Commit(SqliteSession session, IReadOnlyList<SqliteWork> batch, out Exception?[] failures)
    {
        failures = new Exception?[batch.Count];
        Synchronize(session, batch.Any(work => work.SurvivesPowerCut(session)));
        session.Execute("begin immediate");

        if (batch is [var alone])
            alone.Do(session);
        else
            for (var i = 0; i < batch.Count; i++)
                failures[i] = TryDo(session, batch[i]);

        session.Execute("commit");
    }

    private static Exception? TryDo(SqliteSession session, SqliteWork work)
    {
        session.Execute("savepoint work");
        Exception? failure = null;

        try
        {
            work.Do(session);
        }
        catch (Exception e) when (session.IsInTransaction)
        {
            failure = SqliteFailure.Translate(e);
            session.Execute("rollback to work");
        }

        session.Execute("release work");
        return failure;
    }

    private void Synchronize(SqliteSession session, bool isSynchronous)
    {
        if (_isSynchronous == isSynchronous)
            return;

        session.Execute(isSynchronous ? "pragma synchronous = full" : "pragma synchronous = normal");
        _isSynchronous = isSynchronous;
    }

    private static void RollBack(SqliteSession session)
    {
        try
        {
            if (session.IsInTransaction)
                session.Execute("rollback");
        }
        catch (Exception)
        {
            // The next "begin" fails and says why, as long as the transaction is open.
        }
    }
}
