namespace Servo.AspNetCore.Refusals;

/// <summary>Finds what a misspelt key was likely meant to be.</summary>
internal static class NearestKey
{
    private const int MostEdits = 3;
    private const int MostSuggestions = 3;

    /// <summary>
    /// A question to stand behind a sentence about the key, with a space before it: the keys that a few edits make of it, or else those that have its last name
    /// in another section. Empty where nothing is near.
    /// </summary>
    /// <param name="key">The key that is not known.</param>
    /// <param name="known">Those that are.</param>
    /// <param name="maps">Those of them below which any name is a key.</param>
    public static string Question(string key, IEnumerable<string> known, IEnumerable<string>? maps = null)
    {
        string[] keys = [.. known];
        string[] meant = [.. ByEdits(key, [.. keys, .. (maps ?? []).Select(map => $"{map}:{LastName(key)}")])];

        if (meant.Length == 0 && key.Contains(':', StringComparison.Ordinal))
            meant = [.. keys.Where(other => LastName(other).Equals(LastName(key), StringComparison.OrdinalIgnoreCase)).Take(MostSuggestions)];

        return meant switch
        {
            [] => "",
            [var only] => $" Did you mean {only}?",
            [.. var first, var last] => $" Did you mean {string.Join(", ", first)} or {last}?",
        };
    }

    private static IEnumerable<string> ByEdits(string key, string[] known)
    {
        var allowed = Math.Min(MostEdits, (key[(key.IndexOf(':', StringComparison.Ordinal) + 1)..].Length + 2) / 4);
        var near = known
            .Select(other => (Key: other, Edits: Edits(key.ToUpperInvariant(), other.ToUpperInvariant())))
            .Where(other => other.Edits <= allowed)
            .ToList();

        return near.Where(other => other.Edits == near.Min(any => any.Edits)).Select(other => other.Key).Take(MostSuggestions);
    }

    private static string LastName(string key) => key[(key.LastIndexOf(':') + 1)..];

    /// <summary>Characters to insert, to delete, to replace, or to swap with their neighbour (the optimal string alignment distance).</summary>
    private static int Edits(string one, string other)
    {
        var edits = new int[one.Length + 1, other.Length + 1];

        for (var i = 0; i <= one.Length; i++)
        {
            for (var j = 0; j <= other.Length; j++)
            {
                edits[i, j] = i == 0 || j == 0 ? i + j
                    : Math.Min(edits[i - 1, j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1), Math.Min(edits[i - 1, j], edits[i, j - 1]) + 1);

                if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                    edits[i, j] = Math.Min(edits[i, j], edits[i - 2, j - 2] + 1);
            }
        }

        return edits[one.Length, other.Length];
    }
}
