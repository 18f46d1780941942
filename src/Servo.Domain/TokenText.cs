namespace Servo.Domain;

/// <summary>
/// The rule for a token, wherever it comes from: a byte order mark at its start and one line ending at its end are removed; other white space at
/// its ends is a mistake.
/// </summary>
public static class TokenText
{
    /// <summary>
    /// The text without the byte order mark that editors write at the start of a file, and the one line ending that they, <c>echo</c> and
    /// secret stores leave at its end.
    /// </summary>
    public static string Trim(string text) => text[Start(text)..End(text)];

    /// <summary>Why the trimmed text is not a token, to stand behind its name; <see langword="null"/> where it is one.</summary>
    public static string? Problem(string token) =>
        token.Length == 0 ? "is empty"
        : token.AsSpan().IndexOfAny('\r', '\n') >= 0 ? "contains a line break"
        : token.Contains('\0', StringComparison.Ordinal) ? "contains a NUL character"
        : IsBlank(token[0]) || IsBlank(token[^1]) ? "starts or ends with white space"
        : null;

    private static int Start(string text) => text.StartsWith('\uFEFF') ? 1 : 0;

    private static Index End(string text) =>
        text.EndsWith("\r\n", StringComparison.Ordinal) ? ^2 : text.EndsWith('\n') ? ^1 : ^0;

    // A second byte order mark is as invisible.
    private static bool IsBlank(char c) => char.IsWhiteSpace(c) || c == '\uFEFF';
}
