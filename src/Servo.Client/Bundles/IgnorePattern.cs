namespace Servo.Client.Bundles;

/// <summary>A line of a <c>.servoignore</c> file, with the meaning that git gives it in a <c>.gitignore</c>.</summary>
internal sealed class IgnorePattern
{
    private readonly string _literal;
    private readonly string _glob;
    private readonly bool _directoriesOnly;
    private readonly bool _namesOnly;

    private IgnorePattern(string pattern)
    {
        if (pattern[0] == '!')
        {
            IsNegated = true;
            pattern = pattern.Substring(1);
        }

        if (pattern.EndsWith("/", StringComparison.Ordinal))
        {
            _directoriesOnly = true;
            pattern = pattern.Substring(0, pattern.Length - 1);
        }

        _namesOnly = pattern.IndexOf('/') < 0;

        if (pattern.StartsWith("/", StringComparison.Ordinal))
            pattern = pattern.Substring(1);

        // As in git, what comes before the first special character is compared by itself, and the rest is a glob of its own: 'a**/b' means
        // 'a/…/b' too.
        var special = pattern.IndexOfAny(PathGlob.Special);
        _literal = special < 0 ? pattern : pattern.Substring(0, special);
        _glob = pattern.Substring(_literal.Length);
    }

    /// <summary>Whether it includes what it matches again.</summary>
    public bool IsNegated { get; }

    /// <summary>Reads a line; <see langword="null"/> for a blank one and for a comment.</summary>
    public static IgnorePattern? Parse(string line)
    {
        line = line.EndsWith("\r", StringComparison.Ordinal) ? line.Substring(0, line.Length - 1) : line;

        if (line.StartsWith("#", StringComparison.Ordinal))
            return null;

        var pattern = WithoutTrailingSpaces(line);

        return pattern.Length == 0 ? null : new IgnorePattern(pattern);
    }

    /// <summary>Whether it matches a path relative to the pattern's folder; parent folders are not considered.</summary>
    public bool Matches(string path, bool isDirectory)
    {
        if (_directoriesOnly && !isDirectory)
            return false;

        var from = _namesOnly ? path.LastIndexOf('/') + 1 : 0;
        var length = path.Length - from;

        if (length < _literal.Length || string.CompareOrdinal(path, from, _literal, 0, _literal.Length) != 0)
            return false;

        return _glob.Length == 0
            ? length == _literal.Length && length > 0
            : PathGlob.Matches(_glob, path.Substring(from + _literal.Length));
    }

    private static string WithoutTrailingSpaces(string line)
    {
        var end = line.Length;

        while (end > 0 && line[end - 1] == ' ' && !IsEscaped(line, end - 1))
            end--;

        return line.Substring(0, end);
    }

    private static bool IsEscaped(string line, int index)
    {
        var backslashes = 0;

        while (index - backslashes > 0 && line[index - backslashes - 1] == '\\')
            backslashes++;

        return backslashes % 2 == 1;
    }
}
