namespace Servo.Client.Bundles;

internal enum EntryKind
{
    File,
    Directory,
    Link,
}

/// <summary>A file, folder or link to pack.</summary>
internal sealed record Entry(EntryKind Kind, string Name, string Path)
{
    /// <summary>Where a link points, as the archive writes it.</summary>
    public string Target { get; init; } = "";

    /// <summary>Of a file.</summary>
    public bool IsExecutable { get; init; }

    /// <summary>Of a file that is encrypted while it is packed.</summary>
    public bool IsEncrypted { get; init; }

    /// <summary>What the archive calls it.</summary>
    public string NameInArchive => IsEncrypted ? Name + Secret.Extension : Kind == EntryKind.Directory ? Name + "/" : Name;
}
