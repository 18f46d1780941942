using Servo.Application.Logs;
using Servo.Application.Runs;

namespace Servo.AspNetCore.Answers;

/// <summary>Takes what a run says and answers its caller with it, in one of the forms that a caller can accept.</summary>
internal abstract class RunAnswer : IRunOutput, IAsyncDisposable
{
    private readonly List<ScriptResult> _scripts = [];

    /// <summary>The scripts that have ended so far.</summary>
    protected IReadOnlyList<ScriptResult> Scripts => _scripts;

    public abstract ValueTask StartedAsync(string runId);

    public abstract ValueTask WriteAsync(OutputPiece piece);

    public abstract ValueTask FlushAsync();

    public virtual ValueTask ScriptEndedAsync(ScriptResult script)
    {
        _scripts.Add(script);
        return ValueTask.CompletedTask;
    }

    /// <summary>Writes what comes last. Called once, for a run that began.</summary>
    public abstract Task CompleteAsync(RunReport report);

    public abstract ValueTask DisposeAsync();
}
