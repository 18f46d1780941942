using Servo.Application.Logs;
using Servo.Domain.Runs;

namespace Servo.Application.Runs;

/// <summary>Passes a run's events on, and keeps the run that they make.</summary>
internal sealed class RunJournal(Run run, IRunOutput output, TimeProvider time) : IRunOutput
{
    /// <summary>The run at this moment.</summary>
    public Run Run { get; private set; } = run;

    public async ValueTask QueuedAsync()
    {
        await output.WriteAsync(new RunEvent.Queued(Run));
        await output.FlushAsync();
    }

    public void Started() => Run = Run.Start(time.GetUtcNow());

    public async ValueTask CompletedAsync(RunFailure? failure)
    {
        if (failure is not null)
            await output.WriteGatewayLineAsync($"failure ({failure.Detail})");

        Run = failure is null ? Run.Succeed(time.GetUtcNow()) : Run.Fail(failure, time.GetUtcNow());
        await output.WriteAsync(new RunEvent.Completed(Run));
        await output.FlushAsync();
    }

    public ValueTask WriteAsync(RunEvent happened)
    {
        if (happened is RunEvent.ScriptEnded ended)
            Run = Run.Add(ended.Result);

        return output.WriteAsync(happened);
    }

    public ValueTask FlushAsync() => output.FlushAsync();
}
