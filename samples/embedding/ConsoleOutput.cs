using Servo.Application.Logs;
using Servo.Domain.Runs;

namespace Embedding;

/// <summary>Prints what a run says, as it comes.</summary>
internal sealed class ConsoleOutput : IRunOutput
{
    /// <summary>The run, once it has ended.</summary>
    public Run? Completed { get; private set; }

    public async ValueTask WriteAsync(RunEvent happened)
    {
        switch (happened)
        {
            case RunEvent.Line line:
                await Console.Out.WriteAsync(line.Text);

                if (line.EndsLine)
                    await Console.Out.WriteLineAsync();

                break;
            case RunEvent.Completed completed:
                Completed = completed.Run;
                break;
        }
    }

    public async ValueTask FlushAsync() => await Console.Out.FlushAsync();
}
