namespace Servo.Client;

/// <summary>A file on this machine and its name in a bundle.</summary>
public sealed class BundleFile
{
    /// <summary>Adds a file at the top of the bundle under its own name.</summary>
    public BundleFile(string path) : this(path, Path.GetFileName(path))
    {
    }

    /// <summary>Adds a file under a name relative to the top of the bundle, with <c>/</c> between folders.</summary>
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
