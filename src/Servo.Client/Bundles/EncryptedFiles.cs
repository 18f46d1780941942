namespace Servo.Client.Bundles;

/// <summary>Chooses the files to encrypt while packing.</summary>
internal static class EncryptedFiles
{
    /// <summary>
    /// Marks what the patterns match; throws if a pattern matches nothing, as a secret would then be sent unencrypted, or if two files
    /// would get the same name.
    /// </summary>
    public static List<Entry> Mark(IReadOnlyList<Entry> entries, IReadOnlyList<string> patterns)
    {
        if (patterns.Count == 0)
            return [.. entries];

        var files = entries.Where(entry => entry.Kind == EntryKind.File).ToList();

        foreach (var pattern in patterns)
        {
            var alone = new IgnoreRules([pattern]);

            if (!pattern.StartsWith("!", StringComparison.Ordinal) && !files.Exists(file => alone.ExcludesFile(file.Name)))
                throw new BundleException(
                    BundleError.NothingToEncrypt,
                    $"No file in the bundle matches '{pattern}', so it would encrypt nothing. Check the pattern.");
        }

        var rules = new IgnoreRules(patterns);
        var names = new HashSet<string>(entries.Select(entry => entry.Name), StringComparer.Ordinal);

        return [.. entries.Select(Marked)];

        Entry Marked(Entry entry)
        {
            // What is called so is encrypted already.
            if (entry.Kind != EntryKind.File
                || Secret.Extensions.Any(extension => entry.Name.EndsWith(extension, StringComparison.Ordinal))
                || !rules.ExcludesFile(entry.Name))
                return entry;

            return names.Contains(entry.Name + Secret.Extension)
                ? throw new BundleException(
                    BundleError.DuplicateName,
                    $"'{entry.Name}' would be encrypted as '{entry.Name + Secret.Extension}', which is in the bundle too. Remove or "
                        + "exclude one of them.")
                {
                    Hint = BundleException.Without,
                }
                : entry with { IsEncrypted = true };
        }
    }
}
