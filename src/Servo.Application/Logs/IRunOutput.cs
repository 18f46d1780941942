namespace Servo.Application.Logs;

/// <summary>Takes what a run says, in order, one call at a time; a call that waits slows the run's scripts down.</summary>
public interface IRunOutput
{
    /// <summary>Called once, first, when the upload was verified and so a run has begun.</summary>
    ValueTask StartedAsync(string runId);

    /// <summary>Takes a line, or the next piece of a long one.</summary>
    ValueTask WriteAsync(OutputPiece piece);

    /// <summary>Called when nothing more is at hand for now: what was written so far is to go on its way.</summary>
    ValueTask FlushAsync();

    /// <summary>Called when a script has ended, after all its output.</summary>
    ValueTask ScriptRanAsync(ScriptRan script);
}

/// <summary>Whose words a line holds.</summary>
public enum OutputStream
{
    /// <summary>A script's standard output and standard error, merged in the order in which they were written.</summary>
    Stdout,

    /// <summary>The gateway's own lines.</summary>
    Servo,
}

/// <summary>A line, or a piece of one, without its line feed.</summary>
/// <param name="Script">The script that was running, or <see langword="null"/> before the first.</param>
/// <param name="Stream">Whose words these are.</param>
/// <param name="Text">Well-formed text, valid during the call only; bytes that were not UTF-8 are U+FFFD.</param>
/// <param name="EndsLine">Whether the line ends with this piece.</param>
public readonly record struct OutputPiece(string? Script, OutputStream Stream, ReadOnlyMemory<char> Text, bool EndsLine);

/// <summary>A script that has ended.</summary>
/// <param name="Name">The name under which it was asked for.</param>
/// <param name="ExitCode">0 to 255; 128 + n where signal n ended it.</param>
/// <param name="Elapsed">From its start until nothing that it started lived on.</param>
public sealed record ScriptRan(string Name, int ExitCode, TimeSpan Elapsed);

internal static class RunOutputExtensions
{
    /// <summary>Writes one whole line of the gateway's own and sends it on its way. It stays one line whatever the names in it hold.</summary>
    public static async ValueTask SayAsync(this IRunOutput output, string line, string? script = null)
    {
        await output.WriteAsync(new OutputPiece(script, OutputStream.Servo, line.ReplaceLineEndings(" ").AsMemory(), EndsLine: true));
        await output.FlushAsync();
    }
}
