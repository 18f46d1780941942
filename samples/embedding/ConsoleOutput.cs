using Servo.Application.Logs;

namespace Embedding;

/// <summary>Prints what a run says, as it comes.</summary>
internal sealed class ConsoleOutput : IRunOutput
{
    public ValueTask StartedAsync(string runId) => ValueTask.CompletedTask;

    public async ValueTask WriteAsync(OutputPiece piece)
    {
        await Console.Out.WriteAsync(piece.Text);

        if (piece.EndsLine)
            await Console.Out.WriteLineAsync();
    }

    public async ValueTask FlushAsync() => await Console.Out.FlushAsync();

    public ValueTask ScriptEndedAsync(ScriptResult script) => ValueTask.CompletedTask;
}
