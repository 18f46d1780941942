using System.Text.RegularExpressions;

namespace Servo.CommandLines;

/// <summary>
/// What a word of a command line is to Python's argparse, with which the original tools read theirs: besides <c>-v x</c> and <c>--variables x</c> it takes
/// an unambiguous beginning of a long name (<c>--var</c>), a value after an equals
/// sign (<c>--var=x</c>, <c>-v=x</c>) and one glued to a short name (<c>-vx</c>).
/// </summary>
/// <param name="Name">The option's name in full; <see langword="null"/> for a word that names none.</param>
/// <param name="Value">The value that came in the same word, or <see langword="null"/>; may be empty.</param>
internal readonly partial record struct OptionWord(string? Name, string? Value)
{
    /// <summary>Reads a word; <paramref name="error"/> is set where it is an option, but none of those that are known or not clear which.</summary>
    public static OptionWord Read(string word, IEnumerable<string> known, out string? error)
    {
        error = null;

        if (word.Length < 2 || word[0] != '-')
            return default;

        if (known.Contains(word))
            return new OptionWord(word, null);

        var equals = word.IndexOf('=', StringComparison.Ordinal);
        var (name, value) = equals < 0 ? (word, null) : (word[..equals], word[(equals + 1)..]);

        if (known.Contains(name))
            return new OptionWord(name, value);

        if (!word.StartsWith("--", StringComparison.Ordinal) && known.Contains(word[..2]))
            return new OptionWord(word[..2], word[2..]);

        var meant = word.StartsWith("--", StringComparison.Ordinal) ? known.Where(option => option.StartsWith(name, StringComparison.Ordinal)).ToList() : [];

        if (meant.Count == 1)
            return new OptionWord(meant[0], value);

        if (meant.Count == 0 && NegativeNumber().IsMatch(word))
            return default;

        error = meant.Count == 0 ? $"unrecognized arguments: {word}" : $"ambiguous option: {word} could match {string.Join(", ", meant)}";
        return default;
    }

    // No option of the tools looks like a number, so such a word is a value.
    [GeneratedRegex(@"^-(\d+|\d*\.\d+)\z")]
    private static partial Regex NegativeNumber();
}
