namespace Servo.Infrastructure.Runs;

/// <summary>Something to do in a transaction, and the one who waits for it. It may be done again where its transaction did not come to its end.</summary>
internal abstract class SqliteWork(Func<SqliteSession, bool> survivesPowerCut, CancellationToken cancellationToken)
{
    protected CancellationToken CancellationToken { get; } = cancellationToken;

    /// <summary>Whether its commit must be on the disk before its caller hears of it.</summary>
    public bool SurvivesPowerCut(SqliteSession session) => survivesPowerCut(session);

    /// <summary>Does it; what it throws concerns its caller alone.</summary>
    public abstract void Do(SqliteSession session);

    /// <summary>Tells the caller what the last <see cref="Do"/> has made.</summary>
    public abstract void Complete();

    /// <summary>Tells the caller that it has no effect.</summary>
    public abstract void Fail(Exception failure);
}
