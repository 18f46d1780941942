using Servo.Domain.Runs;

namespace Servo.Application.Logs;

/// <summary>What happens in a run: all that its caller learns of it, in one sequence.</summary>
public abstract record RunEvent
{
    // Private, so that the records below are all there are.
    private RunEvent()
    {
    }

    /// <summary>The run was accepted: its upload is verified and it waits for its slot.</summary>
    public sealed record Queued(Run Run) : RunEvent;

    /// <summary>A line, or a piece of one, without its line feed.</summary>
    /// <param name="Script">The script that was running, or <see langword="null"/> before the first.</param>
    /// <param name="Stream">Who wrote it.</param>
    /// <param name="Text">Well-formed text, valid during the call only; bytes that were not UTF-8 are U+FFFD.</param>
    /// <param name="EndsLine">Whether the line ends with this piece.</param>
    public sealed record Line(string? Script, OutputStream Stream, ReadOnlyMemory<char> Text, bool EndsLine) : RunEvent;

    /// <summary>A script has ended, after all its output.</summary>
    public sealed record ScriptEnded(ScriptResult Result) : RunEvent;

    /// <summary>The run has ended, with its whole outcome.</summary>
    public sealed record Completed(Run Run) : RunEvent;
}

/// <summary>Who wrote a line.</summary>
public enum OutputStream
{
    /// <summary>A script's standard output and standard error, merged in the order in which they were written.</summary>
    Stdout,

    /// <summary>The gateway's own lines.</summary>
    Servo,
}
