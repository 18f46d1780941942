namespace Servo.Client.Bundles;

/// <summary>Holds links to the gateway's own rule, so that no run fails on one.</summary>
internal static class LinksInside
{
    /// <summary>Throws for a link that does not point, on a relative way through real folders only, at something that is packed under that name.</summary>
    public static void Check(IReadOnlyList<Entry> entries)
    {
        var links = entries.Where(entry => entry.Kind == EntryKind.Link).ToList();

        if (links.Count == 0)
            return;

        var all = entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);

        foreach (var link in links)
        {
            if (WhyNot(link, all) is { } why)
                throw new BundleException(BundleError.InvalidLink, $"The link '{link.Path}' points to '{link.Target}', which {why}. Put a copy in its place, or exclude it.") { Hint = BundleException.Without };
        }
    }

    private static string? WhyNot(Entry link, Dictionary<string, Entry> all)
    {
        if (link.Target.StartsWith("/", StringComparison.Ordinal) || Path.IsPathRooted(link.Target))
            return "is an absolute path";

        var at = EntryName.Parent(link.Name);

        foreach (var part in link.Target.Split('/'))
        {
            if (part == ".." && at.Length == 0)
                return "is outside of the bundle";

            if (at.Length > 0 && !(all.TryGetValue(at, out var folder) && folder.Kind == EntryKind.Directory))
                return folder is null ? "is not in the bundle" : "leads through another link or a file";

            at = part switch
            {
                "" or "." => at,
                ".." => EntryName.Parent(at),
                _ => at.Length == 0 ? part : $"{at}/{part}",
            };
        }

        if (at.Length > 0 && !all.ContainsKey(at))
            return "is not in the bundle";

        return at.Length > 0 && all[at].IsEncrypted ? $"is packed as '{all[at].NameInArchive}'" : null;
    }
}
