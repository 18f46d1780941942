using System.Text;

namespace Servo.Application.Logs;

/// <summary>Receives the events of a run, in order, one call at a time; a call that waits slows the run's scripts down.</summary>
public interface IRunOutput
{
    /// <summary>Takes the next event.</summary>
    ValueTask WriteAsync(RunEvent happened);

    /// <summary>Called when no further event is at hand: keeps, and shows to followers, what was written so far.</summary>
    ValueTask FlushAsync();
}

internal static class RunOutputExtensions
{
    /// <summary>Writes and sends one line of the gateway's own; line breaks in it become blanks.</summary>
    public static async ValueTask WriteGatewayLineAsync(this IRunOutput output, string line, string? script = null)
    {
        await output.WriteAsync(new RunEvent.Output(script, OutputStream.Servo, Encoding.UTF8.GetBytes(line.ReplaceLineEndings(" ") + "\n")));
        await output.FlushAsync();
    }
}
