namespace Servo.Infrastructure.Runs;

/// <summary>Work with a result.</summary>
internal sealed class SqliteResultWork<T>(
    Func<SqliteSession, T> action, Func<SqliteSession, bool> survivesPowerCut, CancellationToken cancellationToken)
    : SqliteWork(survivesPowerCut, cancellationToken)
{
    // A caller's continuation must not run on SQLite's thread.
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    public Task<T> Completion => _completion.Task;

    public override void Do(SqliteSession session)
    {
        CancellationToken.ThrowIfCancellationRequested();
        _result = action(session);
    }

    public override void Complete() => _completion.SetResult(_result!);

    public override void Fail(Exception failure)
    {
        if (failure is OperationCanceledException && CancellationToken.IsCancellationRequested)
            _completion.SetCanceled(CancellationToken);
        else
            _completion.SetException(failure);
    }
}
