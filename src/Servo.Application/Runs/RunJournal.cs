using Servo.Application.Logs;

namespace Servo.Application.Runs;

/// <summary>Passes a run's events on to its log, and keeps the run that they make.</summary>
internal sealed class RunJournal(LiveRun live, IRunOutput log) : IRunOutput
{
    public ValueTask WriteAsync(RunEvent happened)
    {
        if (happened is RunEvent.ScriptEnded ended)
            live.Run = live.Run.Add(ended.Result);

        return log.WriteAsync(happened);
    }

    public ValueTask FlushAsync() => log.FlushAsync();
}
