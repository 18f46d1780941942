namespace Servo.Client.Bundles;

/// <summary>Chooses the files that are encrypted while they are packed.</summary>
internal static class EncryptedFiles
{
    /// <summary>Marks what the patterns match; throws where a pattern matches nothing, as a secret would then travel in the clear, and where two files would get one name.</summary>
    public static List<Entry> Mark(IReadOnlyList<Entry> entries, IReadOnlyList<string> patterns)
    {
        if (patterns.Count == 0)
            return [.. entries];

        var files = entries.Where(entry => entry.Kind == EntryKind.File).ToList();

        foreach (var pattern in patterns)
        {
            var alone = new IgnoreRules([pattern]);

            if (!pattern.StartsWith("!", StringComparison.Ordinal) && !files.Exists(file => alone.ExcludesFile(file.Name)))
                throw new BundleException(BundleError.NothingToEncrypt, $"No file in the bundle matches '{pattern}', so that nothing would be encrypted by it. Check the pattern.");
        }

        var rules = new IgnoreRules(patterns);
        var names = new HashSet<string>(entries.Select(entry => entry.Name), StringComparer.Ordinal);

        return [.. entries.Select(Marked)];

        Entry Marked(Entry entry)
        {
            // What is called so is encrypted already.
            if (entry.Kind != EntryKind.File || entry.Name.EndsWith(Secret.Extension, StringComparison.Ordinal) || !rules.ExcludesFile(entry.Name))
                return entry;

            return names.Contains(entry.Name + Secret.Extension)
                ? throw new BundleException(BundleError.DuplicateName, $"'{entry.Name}' is to be encrypted as '{entry.Name + Secret.Extension}', which is there as well. Remove or exclude one of them.") { Hint = BundleException.Without }
                : entry with { IsEncrypted = true };
        }
    }
}
