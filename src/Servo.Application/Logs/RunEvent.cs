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

    /// <summary>Lines, each with its line feed; the last may go on in the next piece of output.</summary>
    /// <param name="Script">The script that was running, or <see langword="null"/> before the first.</param>
    /// <param name="Stream">Who wrote them.</param>
    /// <param name="Text">Well-formed UTF-8 of whole characters, valid during the call only; bytes that were not UTF-8 are U+FFFD.</param>
    public sealed record Output(string? Script, OutputStream Stream, ReadOnlyMemory<byte> Text) : RunEvent
    {
        /// <summary>
        /// Takes the first line off a text, without its line feed, or what there is of one; <see langword="false"/> where there is nothing
        /// left.
        /// </summary>
        public static bool TryTakeLine(ref ReadOnlySpan<byte> text, out ReadOnlySpan<byte> line, out bool isWhole)
        {
            var length = text.IndexOf((byte)'\n');
            isWhole = length >= 0;
            line = isWhole ? text[..length] : text;
            text = isWhole ? text[(length + 1)..] : default;
            return isWhole || !line.IsEmpty;
        }
    }

    /// <summary>A script has ended, after all its output.</summary>
    public sealed record ScriptEnded(ScriptResult Result) : RunEvent;
}

/// <summary>Who wrote output.</summary>
public enum OutputStream
{
    /// <summary>A script's standard output and standard error, merged in the order in which they were written.</summary>
    Stdout,

    /// <summary>The gateway's own lines.</summary>
    Servo,
}
