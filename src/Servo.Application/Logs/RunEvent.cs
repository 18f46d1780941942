using Servo.Domain.Runs;

namespace Servo.Application.Logs;

/// <summary>What a run's log keeps of it: all that happens from its start to its end.</summary>
public abstract record RunEvent
{
    // Private, so that the records below are all there are.
    private RunEvent()
    {
    }

    /// <summary>The run has its slot.</summary>
    public sealed record Started : RunEvent;

    /// <summary>A line, or a piece of one, without its line feed.</summary>
    /// <param name="Script">The script that was running, or <see langword="null"/> before the first.</param>
    /// <param name="Stream">Who wrote it.</param>
    /// <param name="Text">Well-formed text, valid during the call only; bytes that were not UTF-8 are U+FFFD.</param>
    /// <param name="EndsLine">Whether the line ends with this piece.</param>
    public sealed record Line(string? Script, OutputStream Stream, ReadOnlyMemory<char> Text, bool EndsLine) : RunEvent;

    /// <summary>A script has ended, after all its output.</summary>
    public sealed record ScriptEnded(ScriptResult Result) : RunEvent;
}

/// <summary>Who wrote a line.</summary>
public enum OutputStream
{
    /// <summary>A script's standard output and standard error, merged in the order in which they were written.</summary>
    Stdout,

    /// <summary>The gateway's own lines.</summary>
    Servo,
}
