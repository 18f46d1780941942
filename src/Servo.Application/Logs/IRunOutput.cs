namespace Servo.Application.Logs;

/// <summary>Receives the output of a run, in order, one call at a time; a call that waits slows the run's scripts down.</summary>
public interface IRunOutput
{
    /// <summary>Called once, first, when the run has started: its upload is verified and it is admitted.</summary>
    ValueTask StartedAsync(string runId);

    /// <summary>Writes a line, or the next piece of a long one.</summary>
    ValueTask WriteAsync(OutputPiece piece);

    /// <summary>Called when no more output is available: sends what was written so far.</summary>
    ValueTask FlushAsync();

    /// <summary>Called when a script has ended, after all its output.</summary>
    ValueTask ScriptEndedAsync(ScriptResult script);
}

/// <summary>Who wrote a line.</summary>
public enum OutputStream
{
    /// <summary>A script's standard output and standard error, merged in the order in which they were written.</summary>
    Stdout,

    /// <summary>The gateway's own lines.</summary>
    Servo,
}

/// <summary>A line, or a piece of one, without its line feed.</summary>
/// <param name="Script">The script that was running, or <see langword="null"/> before the first.</param>
/// <param name="Stream">Who wrote it.</param>
/// <param name="Text">Well-formed text, valid during the call only; bytes that were not UTF-8 are U+FFFD.</param>
/// <param name="EndsLine">Whether the line ends with this piece.</param>
public readonly record struct OutputPiece(string? Script, OutputStream Stream, ReadOnlyMemory<char> Text, bool EndsLine);

/// <summary>The result of a script that has ended.</summary>
/// <param name="Name">The name in the request.</param>
/// <param name="ExitCode">0 to 255; 128 + n where signal n ended it.</param>
/// <param name="Elapsed">From its start until nothing that it started lived on.</param>
public sealed record ScriptResult(string Name, int ExitCode, TimeSpan Elapsed);

internal static class RunOutputExtensions
{
    /// <summary>Writes and sends one line of the gateway's own; line breaks in it become blanks.</summary>
    public static async ValueTask WriteGatewayLineAsync(this IRunOutput output, string line, string? script = null)
    {
        await output.WriteAsync(new OutputPiece(script, OutputStream.Servo, line.ReplaceLineEndings(" ").AsMemory(), EndsLine: true));
        await output.FlushAsync();
    }
}
