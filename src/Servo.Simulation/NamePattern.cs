namespace Servo.Simulation;

/// <summary>
/// A shell-style pattern for a whole name: <c>*</c> any text, <c>?</c>
/// any character, <c>[ab-d]</c> one of a set, <c>[!ab]</c> one not of it.
/// </summary>
internal sealed class NamePattern
{
    private readonly List<Token> _tokens = [];

    public NamePattern(string pattern)
    {
        for (var i = 0; i < pattern.Length; i++)
        {
            _tokens.Add(pattern[i] switch
            {
                '*' => Token.AnyText,
                '?' => new Token(_ => true),
                '[' when SetEnd(pattern, i) is var end and > 0 => Set(pattern[(i + 1)..(i = end)]),
                var c => new Token(other => other == c),
            });
        }
    }

    // After a mismatch only the last * can take one more character, so the time is at most the product of both lengths.
    public bool Matches(string name)
    {
        var (token, at, retryToken, retryAt) = (0, 0, -1, 0);

        while (at < name.Length)
        {
            if (token < _tokens.Count && _tokens[token] == Token.AnyText)
                (retryToken, retryAt) = (++token, at);
            else if (token < _tokens.Count && _tokens[token].Accepts(name[at]))
                (token, at) = (token + 1, at + 1);
            else if (retryToken >= 0)
                (token, at) = (retryToken, ++retryAt);
            else
                return false;
        }

        return _tokens.Skip(token).All(rest => rest == Token.AnyText);
    }

    // A ] that comes first, or right after the !, is a member of the set; without a closing ] the [ is a plain character.
    private static int SetEnd(string pattern, int start)
    {
        var first = start + 1 < pattern.Length && pattern[start + 1] == '!' ? start + 2 : start + 1;
        return first + 1 < pattern.Length ? pattern.IndexOf(']', first + 1) : -1;
    }

    private static Token Set(string members)
    {
        var negated = members[0] == '!';
        var ranges = new List<(char From, char To)>();

        for (var i = negated ? 1 : 0; i < members.Length; i++)
        {
            if (i + 2 < members.Length && members[i + 1] == '-')
                ranges.Add((members[i], members[i += 2]));
            else
                ranges.Add((members[i], members[i]));
        }

        return new Token(c => ranges.Exists(range => range.From <= c && c <= range.To) != negated);
    }

    private sealed record Token(Func<char, bool> Accepts)
    {
        public static readonly Token AnyText = new(_ => false);
    }
}
