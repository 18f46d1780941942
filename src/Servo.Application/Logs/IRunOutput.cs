namespace Servo.Application.Logs;

/// <summary>Receives the events of a run, in order, one call at a time; a call that waits slows the run's scripts down.</summary>
public interface IRunOutput
{
    /// <summary>Takes the next event: first <see cref="RunEvent.Queued"/>, last <see cref="RunEvent.Completed"/>, each once.</summary>
    ValueTask WriteAsync(RunEvent happened);

    /// <summary>Called when no further event is at hand: sends what was written so far.</summary>
    ValueTask FlushAsync();
}

internal static class RunOutputExtensions
{
    /// <summary>Writes and sends one line of the gateway's own; line breaks in it become blanks.</summary>
    public static async ValueTask WriteGatewayLineAsync(this IRunOutput output, string line, string? script = null)
    {
        await output.WriteAsync(new RunEvent.Line(script, OutputStream.Servo, line.ReplaceLineEndings(" ").AsMemory(), EndsLine: true));
        await output.FlushAsync();
    }
}
