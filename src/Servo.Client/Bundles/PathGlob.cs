namespace Servo.Client.Bundles;

/// <summary>
/// Git's globs (its wildmatch): <c>*</c>, <c>?</c> and <c>[a-z]</c> within a segment of a path, <c>**</c> across segments, <c>\</c> before
/// a literal character.
/// </summary>
internal static class PathGlob
{
    /// <summary>Characters with a special meaning.</summary>
    public static readonly char[] Special = ['*', '?', '[', '\\'];

    /// <summary>Whether a whole path matches.</summary>
    public static bool Matches(string glob, string path) => Match(glob, 0, path, 0) == Outcome.Matches;

    private enum Outcome
    {
        Matches,
        Fails,

        // No text further on can match either: spares a glob of many stars its exponential search.
        FailsForGood,
        FailsForThisPart,
    }

    private static Outcome Match(string glob, int at, string path, int position)
    {
        for (; at < glob.Length; at++, position++)
        {
            var isAtEnd = position == path.Length;

            if (isAtEnd && glob[at] != '*')
                return Outcome.FailsForGood;

            switch (glob[at])
            {
                case '*':
                    var start = at;
                    while (at < glob.Length && glob[at] == '*')
                        at++;

                    var crosses = at - start > 1
                        && (start == 0 || glob[start - 1] == '/')
                        && (at == glob.Length || glob[at] == '/' || IsEscapedSlash(glob, at));

                    // '**/' may stand for nothing at all.
                    if (crosses && at < glob.Length && glob[at] == '/' && Match(glob, at + 1, path, position) == Outcome.Matches)
                        return Outcome.Matches;

                    return MatchStar(glob, at, path, position, crosses);

                case '?':
                    if (path[position] == '/')
                        return Outcome.Fails;
                    break;

                case '[':
                    if (!GlobClass.TryMatch(glob, ref at, path[position], out var isIn))
                        return Outcome.FailsForGood;
                    if (!isIn || path[position] == '/')
                        return Outcome.Fails;
                    break;

                case '\\':
                    at++;
                    if (at == glob.Length || glob[at] != path[position])
                        return Outcome.Fails;
                    break;

                default:
                    if (glob[at] != path[position])
                        return Outcome.Fails;
                    break;
            }
        }

        return position == path.Length ? Outcome.Matches : Outcome.Fails;
    }

    private static Outcome MatchStar(string glob, int rest, string path, int position, bool crosses)
    {
        if (rest == glob.Length)
            return crosses || path.IndexOf('/', position) < 0 ? Outcome.Matches : Outcome.FailsForThisPart;

        if (!crosses && glob[rest] == '/')
        {
            var slash = path.IndexOf('/', position);

            return slash < 0 ? Outcome.FailsForGood : Match(glob, rest, path, slash);
        }

        for (; position < path.Length; position++)
        {
            var outcome = Match(glob, rest, path, position);

            if (outcome == Outcome.Fails)
            {
                if (!crosses && path[position] == '/')
                    return Outcome.FailsForThisPart;
            }
            else if (!crosses || outcome != Outcome.FailsForThisPart)
            {
                return outcome;
            }
        }

        return Outcome.FailsForGood;
    }

    private static bool IsEscapedSlash(string glob, int at) => glob[at] == '\\' && at + 1 < glob.Length && glob[at + 1] == '/';
}
