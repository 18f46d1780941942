using System.Globalization;
using System.Text;

namespace Servo.AspNetCore.Logging;

/// <summary>Text in which nothing acts: what a terminal, a log's reader or an eye would obey instead of show is written as an escape.</summary>
internal static class VisibleText
{
    /// <summary>
    /// Escapes control characters (C0, DEL and C1, so also ESC, CR and LF), characters that only format, such as those that turn the direction of writing,
    /// line and paragraph separators, what is unassigned or private, and halves of a surrogate pair. All else stays as it is.
    /// </summary>
    public static string Escape(string text) => Escape(text, keepsLines: false);

    /// <summary>The same for text of several lines, such as an exception's, which stay lines.</summary>
    public static string EscapeLines(string text) => Escape(text, keepsLines: true);

    private static string Escape(string text, bool keepsLines)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return text;

        var escaped = new StringBuilder(text.Length + 32);

        for (var at = 0; at < text.Length;)
        {
            var isRune = Rune.TryGetRuneAt(text, at, out var rune);

            if (isRune && (!IsHidden(rune) || (keepsLines && rune.Value == '\n')))
                escaped.Append(text, at, rune.Utf16SequenceLength);
            else
                AppendEscape(escaped, isRune ? rune.Value : text[at]);

            at += isRune ? rune.Utf16SequenceLength : 1;
        }

        return escaped.ToString();
    }

    private static void AppendEscape(StringBuilder text, int value) => _ = value switch
    {
        '\n' => text.Append("\\n"),
        '\r' => text.Append("\\r"),
        '\t' => text.Append("\\t"),
        <= char.MaxValue => text.Append(CultureInfo.InvariantCulture, $"\\u{value:x4}"),
        _ => text.Append(CultureInfo.InvariantCulture, $"\\U{value:x8}"),
    };

    private static bool IsHidden(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse;
}
