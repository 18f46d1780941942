using Servo.Application.Logs;

namespace Servo.Application.Runs;

/// <summary>Passes a run's events on to its log, from its start on, and keeps the run that they make.</summary>
internal sealed class RunJournal(LiveRun live, IRunOutput log, Task<bool> starting) : IRunOutput
{
    public ValueTask WriteAsync(RunEvent happened)
    {
        if (happened is RunEvent.ScriptEnded ended)
            live.Run = live.Run.Add(ended.Result);

        return log.WriteAsync(happened);
    }

    // What is in the log is shown; and if this host is killed before the start is kept, the next one drops the log.
    public async ValueTask FlushAsync()
    {
        if (starting.IsCompletedSuccessfully && await starting)
            await log.FlushAsync();
    }
}
