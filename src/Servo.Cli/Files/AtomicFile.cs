namespace Servo.Cli.Files;

/// <summary>A file that appears under its name only when it is complete.</summary>
internal sealed class AtomicFile : IAsyncDisposable
{
    /// <summary>The mode of a file that only its owner may read.</summary>
    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _path;
    private readonly string _temporary;
    private readonly bool _overwrite;

    private AtomicFile(string path, string temporary, FileStream stream, bool overwrite) =>
        (_path, _temporary, Stream, _overwrite) = (path, temporary, stream, overwrite);

    /// <summary>Where to write.</summary>
    public FileStream Stream { get; }

    /// <summary>
    /// Creates a file, with the default mode unless one is given; throws <see cref="UsageException"/> if it exists and must not be
    /// overwritten.
    /// </summary>
    public static AtomicFile Create(string path, bool overwrite, UnixFileMode? mode = null, string? temporary = null)
    {
        var target = Target(path);

        if (Directory.Exists(target))
            throw new UsageException($"'{path}' is a folder: name a file.");

        if (!Directory.Exists(Path.GetDirectoryName(target)))
            throw new UsageException($"The folder of '{path}' does not exist: create it first, or name another file.");

        if (!overwrite && Path.Exists(target))
            throw Exists(path);

        temporary ??= TemporaryName(target);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };

        if (mode is not null && !OperatingSystem.IsWindows())
            options.UnixCreateMode = mode;

        return new AtomicFile(target, temporary, new FileStream(temporary, options), overwrite);
    }

    /// <summary>A temporary name in the folder of a file, from where it can be renamed atomically.</summary>
    public static string TemporaryName(string path) =>
        Path.Join(Path.GetDirectoryName(Path.GetFullPath(path)), $".servo-{Guid.NewGuid():n}.tmp");

    /// <summary>Renames the complete file to its name.</summary>
    public async Task CommitAsync()
    {
        await Stream.DisposeAsync();

        try
        {
            File.Move(_temporary, _path, _overwrite);
        }
        catch (IOException) when (!_overwrite && Path.Exists(_path))
        {
            throw Exists(_path);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Stream.DisposeAsync();
        // No error once it has got its name: there is nothing to delete then.
        File.Delete(_temporary);
    }

    // The file that a link leads to is replaced, not the link.
    private static string Target(string path) =>
        new FileInfo(path) is { LinkTarget: not null } link
            ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName
            : Path.GetFullPath(path);

    private static UsageException Exists(string path) => new($"'{path}' already exists: --force overwrites it.");
}
