namespace Servo.Client.Bundles;

/// <summary>A bracket expression of a glob: characters, ranges and POSIX classes such as <c>[:digit:]</c>.</summary>
internal static class GlobClass
{
    /// <summary>
    /// Tells whether a character is in the class that starts at <paramref name="at"/> and moves that to the closing bracket;
    /// <see langword="false"/> if there is none or the class is malformed.
    /// </summary>
    public static bool TryMatch(string glob, ref int at, char character, out bool isIn)
    {
        isIn = false;
        var i = at + 1;
        var isNegated = i < glob.Length && (glob[i] is '!' or '^');

        if (isNegated)
            i++;

        var found = false;
        var previous = '\0';

        // A bracket that comes first means itself.
        for (var first = i; ; i++)
        {
            if (i >= glob.Length)
                return false;

            if (glob[i] == ']' && i > first)
                break;

            if (glob[i] == '['
                && i + 1 < glob.Length
                && glob[i + 1] == ':'
                && TryNamed(glob, ref i, character, out var isNamed) is { } known)
            {
                if (!known)
                    return false;

                found |= isNamed;
                previous = '\0';
            }
            else if (glob[i] == '-' && previous != '\0' && i + 1 < glob.Length && glob[i + 1] != ']')
            {
                i++;

                if (!TryUnescape(glob, ref i, out var last))
                    return false;

                found |= previous <= character && character <= last;
                previous = '\0';
            }
            else
            {
                if (!TryUnescape(glob, ref i, out previous))
                    return false;

                found |= previous == character;
            }
        }

        at = i;
        isIn = found != isNegated;
        return true;
    }

    private static bool TryUnescape(string glob, ref int at, out char character)
    {
        if (glob[at] == '\\')
            at++;

        character = at < glob.Length ? glob[at] : '\0';
        return at < glob.Length;
    }

    // Null where '[:' does not begin a class; false for one that does not exist.
    private static bool? TryNamed(string glob, ref int at, char character, out bool isIn)
    {
        isIn = false;
        var end = glob.IndexOf(']', at + 2);

        if (end < 0)
            return false;

        if (glob[end - 1] != ':' || end - at < 3)
            return null;

        var isAscii = character < 0x80;
        bool? named = glob.Substring(at + 2, end - at - 3) switch
        {
            "alnum" => isAscii && char.IsLetterOrDigit(character),
            "alpha" => isAscii && char.IsLetter(character),
            "blank" => character is ' ' or '\t',
            "cntrl" => isAscii && char.IsControl(character),
            "digit" => character is >= '0' and <= '9',
            "graph" => character is > ' ' and < '\x7f',
            "lower" => character is >= 'a' and <= 'z',
            "print" => character is >= ' ' and < '\x7f',
            "punct" => character is > ' ' and < '\x7f' && !char.IsLetterOrDigit(character),
            "space" => character is ' ' or (>= '\t' and <= '\r'),
            "upper" => character is >= 'A' and <= 'Z',
            "xdigit" => character is (>= '0' and <= '9') or (>= 'a' and <= 'f') or (>= 'A' and <= 'F'),
            _ => null,
        };

        if (named is not { } known)
            return false;

        at = end;
        isIn = known;
        return true;
    }
}
