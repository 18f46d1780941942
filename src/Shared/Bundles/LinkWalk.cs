namespace Servo.Bundles;

/// <summary>
/// Follows the symbolic links of a bundle in a model of it, as the kernel does on disk (path_resolution(7)), with one exception: a path
/// that leaves the bundle is refused even if it comes back. Compiled into the gateway and the client, so that the gateway accepts what the
/// client packs. The bundle must not change meanwhile.
/// </summary>
internal sealed class LinkWalk
{
    /// <summary>The most links that Linux follows on one way (MAXSYMLINKS), so that a circle of links ends too.</summary>
    public const int MaxLinks = 40;

    private const string Missing = "is not in the bundle";
    private const string Outside = "leads outside the bundle";

    private static readonly string s_tooMany = $"leads through more than {MaxLinks} links";

    // Each link is followed once, so that all of them take no longer than it takes to read them.
    private readonly Dictionary<BundleNode, (BundleNode End, int Links)> _ends = [];

    /// <summary>The final target of a link; <see langword="null"/>, with the reason, if it is not in the bundle.</summary>
    public BundleNode? Follow(BundleNode link, out string why)
    {
        why = Follow(link, depth: 0, out var end, out _) ?? "";
        return why.Length == 0 ? end : null;
    }

    /// <summary>Finds what lies at a path, following links on the way but not at its end.</summary>
    public BundleNode? Find(BundleNode from, string path)
    {
        var links = 0;
        return Walk(from, path, followLast: false, depth: 0, ref links, out var end) is null ? end : null;
    }

    private string? Follow(BundleNode link, int depth, out BundleNode end, out int links)
    {
        (end, links) = (link, 1);

        if (_ends.TryGetValue(link, out var known))
        {
            (end, links) = known;
            return null;
        }

        if (depth == MaxLinks)
            return s_tooMany;

        var why = Walk(link.Parent!, link.Target, followLast: true, depth + 1, ref links, out end);

        if (why is null)
            _ends.Add(link, (end, links));

        return why;
    }

    private string? Walk(BundleNode from, string path, bool followLast, int depth, ref int links, out BundleNode end)
    {
        end = from;

        if (path.Length == 0)
            return Missing;

        if (path[0] == '/')
            return "is an absolute path";

        var parts = path.Split('/');

        for (var i = 0; i < parts.Length; i++)
        {
            if (end.Kind != BundleNodeKind.Directory)
                return "leads through a file";

            var next = parts[i] switch
            {
                "" or "." => end,
                ".." => end.Parent,
                var part => end.Child(part),
            };

            if (next is null)
                return parts[i] == ".." ? Outside : Missing;

            if (next.Kind == BundleNodeKind.SymbolicLink && (followLast || i < parts.Length - 1))
            {
                if (Follow(next, depth, out next, out var more) is { } why)
                    return why;

                links += more;
            }

            if (links > MaxLinks)
                return s_tooMany;

            end = next;
        }

        return null;
    }
}
