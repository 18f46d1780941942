namespace Servo.Client;

/// <summary>A file of this machine and its place in a bundle.</summary>
public sealed class BundleFile
{
    /// <summary>Puts a file at the top of the bundle, under its own name.</summary>
    public BundleFile(string path) : this(path, Path.GetFileName(path))
    {
    }

    /// <summary>Puts a file into the bundle under a name relative to its top, with <c>/</c> between folders.</summary>
    public BundleFile(string path, string name)
    {
        Guard.NotNull(path, nameof(path));
        Guard.NotNull(name, nameof(name));
        (FilePath, Name) = (path, name);
    }

    /// <summary>Where the file is.</summary>
    public string FilePath { get; }

    /// <summary>What the scripts call it.</summary>
    public string Name { get; }
}
