using Servo.Bundles;

namespace Servo.Client.Bundles;

/// <summary>Checks links by the gateway's own rule, so that no run fails on one.</summary>
internal static class LinkCheck
{
    /// <summary>
    /// Throws for a link unless it leads, by relative paths inside the bundle, to something that is packed under that name.
    /// </summary>
    public static void Check(IReadOnlyList<Entry> entries)
    {
        var links = entries.Where(entry => entry.Kind == EntryKind.Link).ToList();

        if (links.Count == 0)
            return;

        var all = entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
        var bundle = Model(entries);
        var walk = new LinkWalk();

        foreach (var link in links)
        {
            if (WhyNot(link) is { } why)
                throw new BundleException(
                    BundleError.InvalidLink,
                    $"The link '{link.Path}' points to '{link.Target}', which {why}. Replace it with a copy, or exclude it.")
                {
                    Hint = BundleException.Without,
                };
        }

        string? WhyNot(Entry link)
        {
            if (Path.IsPathRooted(link.Target))
                return "is an absolute path";

            if (walk.Follow(bundle.Find(link.Name)!, out var why) is not { } end)
                return why;

            return all.TryGetValue(end.Path, out var entry) && entry.IsEncrypted ? $"is packed as '{entry.NameInArchive}'" : null;
        }
    }

    private static BundleNode Model(IReadOnlyList<Entry> entries)
    {
        var bundle = new BundleNode(BundleNodeKind.Directory, ".");

        // A folder's name is shorter than that of anything in it.
        foreach (var entry in entries.OrderBy(entry => entry.Name.Length))
        {
            var kind = entry.Kind switch
            {
                EntryKind.Directory => BundleNodeKind.Directory,
                EntryKind.Link => BundleNodeKind.SymbolicLink,
                _ => BundleNodeKind.File,
            };
            var parent = BundleNames.Parent(entry.Name);
            var folder = parent.Length == 0 ? bundle : bundle.Find(parent)!;
            folder.Add(entry.Name.Substring(parent.Length).TrimStart('/'), new BundleNode(kind, entry.Name, entry.Target));
        }

        return bundle;
    }
}
