namespace Servo.Bundles;

internal enum BundleNodeKind
{
    Directory,
    File,
    SymbolicLink,
    HardLink,
}

/// <summary>A file, link or folder of a bundle, with the contents of a folder.</summary>
internal sealed class BundleNode(BundleNodeKind kind, string name, string target = "")
{
    private Dictionary<string, BundleNode>? _children;
    private string _part = "";

    public BundleNodeKind Kind { get; } = kind;

    /// <summary>As the archive writes it, for messages.</summary>
    public string Name { get; } = name;

    /// <summary>Where a link points, as the archive writes it.</summary>
    public string Target { get; } = target;

    /// <summary>Of a file.</summary>
    public bool IsExecutable { get; init; }

    /// <summary>Its folder; <see langword="null"/> for the bundle itself and for removed nodes.</summary>
    public BundleNode? Parent { get; private set; }

    public bool IsEmpty => _children is not { Count: > 0 };

    /// <summary>The path inside the bundle; empty for the bundle itself.</summary>
    public string Path
    {
        get
        {
            var parts = new List<string>();

            for (var at = this; at.Parent is { } parent; at = parent)
                parts.Add(at._part);

            parts.Reverse();
            return string.Join("/", parts);
        }
    }

    public BundleNode? Child(string part) => _children is not null && _children.TryGetValue(part, out var child) ? child : null;

    /// <summary>Finds what lies at a path below this folder, without following links.</summary>
    public BundleNode? Find(string path)
    {
        var at = this;

        foreach (var part in path.Split('/'))
        {
            if (at.Child(part) is not { } child)
                return null;

            at = child;
        }

        return at;
    }

    public void Add(string part, BundleNode child)
    {
        (_children ??= new Dictionary<string, BundleNode>(StringComparer.Ordinal)).Add(part, child);
        (child._part, child.Parent) = (part, this);
    }

    public void Remove()
    {
        Parent?._children?.Remove(_part);
        Parent = null;
    }
}
