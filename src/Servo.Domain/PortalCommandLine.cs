namespace Servo.Domain;

/// <summary>A command line for the portal: one line of text, not empty, with no blank at either end.</summary>
public sealed record PortalCommandLine
{
    private PortalCommandLine(string text) => Text = text;

    /// <summary>The line itself.</summary>
    public string Text { get; }

    /// <summary>
    /// Reads a line and removes the blanks at its ends, as HTTP does; an empty line, a line break or a NUL character is <see cref="Refusal.Malformed"/>.
    /// </summary>
    public static Result<PortalCommandLine> Parse(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return new Refusal.Malformed("The command line is empty. Send it in the header X-Shell.");

        // The line travels in a header: a line break would start another one (CWE-113), and Refit would quietly send another line than this.
        if (text.AsSpan().IndexOfAny('\r', '\n', '\0') >= 0)
            return new Refusal.Malformed("The command line holds a line break or a NUL character.");

        return new PortalCommandLine(text.Trim(' ', '\t'));
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
