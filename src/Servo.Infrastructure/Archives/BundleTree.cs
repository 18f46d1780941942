namespace Servo.Infrastructure.Archives;

internal enum NodeKind
{
    Directory,
    File,
    SymbolicLink,
    HardLink,
}

/// <summary>Something of the bundle: on disk already if it is a folder or a file, still to be made if it is a link.</summary>
internal sealed class BundleNode(NodeKind kind, string name, string target = "")
{
    public NodeKind Kind { get; } = kind;

    /// <summary>As the archive writes it, for messages.</summary>
    public string Name { get; } = name;

    /// <summary>Where a link points, as the archive writes it.</summary>
    public string Target { get; } = target;

    /// <summary>Of a file.</summary>
    public bool IsExecutable { get; init; }

    /// <summary>Of a folder.</summary>
    public int Children { get; set; }
}

/// <summary>What an archive has put into the bundle so far: the bundle starts empty and private, so this and the disk agree.</summary>
internal sealed class BundleTree
{
    private readonly Dictionary<string, BundleNode> _nodes = new(StringComparer.Ordinal) { [""] = new(NodeKind.Directory, ".") };

    public IEnumerable<KeyValuePair<string, BundleNode>> Links => _nodes.Where(node => node.Value.Kind is NodeKind.SymbolicLink or NodeKind.HardLink);

    public BundleNode? Find(string path) => _nodes.GetValueOrDefault(path);

    public void Add(string path, BundleNode node)
    {
        _nodes.Add(path, node);
        _nodes[EntryName.Parent(path)].Children++;
    }

    public void Remove(string path)
    {
        _nodes.Remove(path);
        _nodes[EntryName.Parent(path)].Children--;
    }

    /// <summary>
    /// The path in the bundle to which a symbolic link at <paramref name="path"/> leads, on the way there through real folders only; <see langword="null"/>
    /// where the way leaves the bundle or goes through anything else. Links to links are links to something inside, as each is held to the same rule.
    /// </summary>
    public string? Resolve(string path, string target)
    {
        if (target.Length == 0 || target.StartsWith('/') || target.Contains('\0'))
            return null;

        var at = EntryName.Parent(path);

        foreach (var part in target.Split('/'))
        {
            if (Find(at) is not { Kind: NodeKind.Directory })
                return null;

            if (part == ".." && at.Length == 0)
                return null;

            at = part switch
            {
                "" or "." => at,
                ".." => EntryName.Parent(at),
                _ => at.Length == 0 ? part : $"{at}/{part}",
            };
        }

        return Find(at) is null ? null : at;
    }
}
