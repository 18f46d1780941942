namespace Servo.Domain;

/// <summary>The rule for a token, wherever it comes from: one line ending behind it is no part of it, and white space at its ends is never meant.</summary>
public static class TokenText
{
    /// <summary>The text without the one line ending that <c>echo</c>, editors and secret stores leave at the end of a file.</summary>
    public static string Trim(string text) =>
        text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;

    /// <summary>Why the trimmed text is no token, to stand behind its name; <see langword="null"/> where it is one.</summary>
    public static string? Problem(string token) =>
        token.Length == 0 ? "is empty"
        : token.AsSpan().IndexOfAny('\r', '\n') >= 0 ? "contains a line break"
        : token.Contains('\0', StringComparison.Ordinal) ? "contains a NUL character"
        : IsBlank(token[0]) || IsBlank(token[^1]) ? "starts or ends with white space"
        : null;

    // The byte order mark is as invisible, and editors write it.
    private static bool IsBlank(char c) => char.IsWhiteSpace(c) || c == '\uFEFF';
}
