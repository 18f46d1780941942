using System.Text;

namespace Servo.Simulation;

/// <summary>
/// Splits a command line into words. Quotes and backslashes group as in a
/// shell; <c>;</c>, <c>|</c>, <c>$</c> and <c>*</c> are plain characters.
/// </summary>
internal static class ShellWords
{
    /// <summary>The words, or <see langword="null"/> where a quote is not closed.</summary>
    public static IReadOnlyList<string>? Split(string line)
    {
        var words = new List<string>();
        StringBuilder? word = null;
        char? quote = null;

        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];

            if (quote is null && (c is ' ' or '\t'))
            {
                if (word is not null)
                    words.Add(word.ToString());

                word = null;
                continue;
            }

            word ??= new StringBuilder();

            if (c == quote)
                quote = null;
            else if (quote is null && (c is '\'' or '"'))
                quote = c;
            else if (c == '\\' && quote != '\'' && i + 1 < line.Length)
                word.Append(line[++i]);
            else
                word.Append(c);
        }

        if (word is not null)
            words.Add(word.ToString());

        return quote is null ? words : null;
    }
}
