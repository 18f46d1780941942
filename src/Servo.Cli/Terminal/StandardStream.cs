using System.Text;

namespace Servo.Cli.Terminal;

/// <summary>Standard output or standard error, unbuffered, with escape codes only on a terminal that supports them.</summary>
internal sealed class StandardStream
{
    private bool _isBroken;

    public StandardStream(Stream bytes, bool isTerminal, bool takesEscapes)
    {
        (Bytes, IsTerminal, TakesEscapes) = (bytes, isTerminal, isTerminal && takesEscapes);
        Writer = new StreamWriter(bytes, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true, NewLine = "\n" };
    }

    /// <summary>The bytes themselves.</summary>
    public Stream Bytes { get; }

    public TextWriter Writer { get; }

    public bool IsTerminal { get; }

    /// <summary>Whether colours and moves of the cursor may be written.</summary>
    public bool TakesEscapes { get; }

    /// <summary>
    /// Writes a line unchanged, including a script's escape codes, as a shell does.
    /// Throws <see cref="OutputException"/> for the first line that cannot be written and drops later ones.
    /// </summary>
    public void WriteLine(string line, Style style = Style.Plain)
    {
        if (_isBroken)
            return;

        try
        {
            // A signal is told beside the run's own lines.
            lock (Writer)
                Writer.WriteLine(TakesEscapes && style != Style.Plain ? $"\e[{(int)style}m{line}\e[0m" : line);
        }
        catch (IOException e)
        {
            _isBroken = true;
            // Of another type than what a connection throws, in whose midst lines are written.
            throw new OutputException($"The output cannot be written: {e.Message.TrimEnd('.')}. Free space, or redirect it elsewhere.", e);
        }
    }
}
