using System.Buffers;
using Servo.Bundles;

namespace Servo.Infrastructure.Archives;

/// <summary>
/// The one place that touches the bundle's directory. Nothing it makes can lie outside: the directory is private and starts empty, a name's parts are neither
/// <c>..</c> nor absolute, every folder on the way was made here, new files are opened <c>CreateNew</c> (O_EXCL, which follows no link), and while members are
/// written there is no link on disk that one could be written through: links are made when the last member is in place (CVE-2026-45491, GHSA-rch7-vc9j-fw2v).
/// </summary>
internal sealed class BundleWriter(string root, UnpackLimits limits)
{
    private const int BufferBytes = 256 * 1024;
    private const UnixFileMode AnyRead = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly BundleNode _bundle = new(BundleNodeKind.Directory, ".");
    private readonly BundleLinks _links = new();
    private LinkWalk _walk = new();

    /// <summary>Counts a member of which nothing is made.</summary>
    public void SkipEntry() => limits.CountEntry();

    public void AddDirectory(string name)
    {
        limits.CountEntry();
        var path = EntryPath.Of(name, root);

        // The bundle itself is there.
        if (path.Length == 0)
            return;

        var (folder, part) = MakeParent(path, name);

        if (folder.Child(part) is { Kind: BundleNodeKind.Directory })
            return;

        Clear(folder, part, name);
        Directory.CreateDirectory(FullPath(path));
        folder.Add(part, new BundleNode(BundleNodeKind.Directory, name));
    }

    /// <summary>Writes a file, with its execute bit and nothing else of its mode, and returns its size.</summary>
    public async ValueTask<long> AddFileAsync(string name, bool isExecutable, Stream content, CancellationToken cancellationToken)
    {
        limits.CountEntry();
        var path = ToPath(name);
        Place(path, new BundleNode(BundleNodeKind.File, name) { IsExecutable = isExecutable });

        return await WriteAsync(path, isExecutable, content, cancellationToken);
    }

    public void AddSymbolicLink(string name, string target)
    {
        limits.CountEntry();
        AddLink(ToPath(name), new BundleNode(BundleNodeKind.SymbolicLink, name, target));
    }

    /// <summary>
    /// Gives what the archive has put at <paramref name="target"/> a second name; where there is nothing yet, this waits for the end of the
    /// archive. Of links on the way to it those count that came before, as with tar.
    /// </summary>
    public async ValueTask AddHardLinkAsync(string name, string target, CancellationToken cancellationToken)
    {
        limits.CountEntry();
        var path = ToPath(name);
        var existing = BundleLinks.HardLinkTarget(name, target);

        if (_walk.Find(_bundle, existing) is { Kind: not BundleNodeKind.HardLink } original)
            await CopyAsync(path, name, original, existing, cancellationToken);
        else
            AddLink(path, new BundleNode(BundleNodeKind.HardLink, name, existing));
    }

    /// <summary>Makes the links, once all else is in place.</summary>
    public async ValueTask MakeLinksAsync(CancellationToken cancellationToken)
    {
        foreach (var waiting in _links.HardLinks(_bundle))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await CopyAsync(waiting.Link.Path, waiting.Link.Name, waiting.Original, waiting.Link.Target, cancellationToken);
        }

        foreach (var link in _links.SymbolicLinks())
        {
            cancellationToken.ThrowIfCancellationRequested();
            File.CreateSymbolicLink(FullPath(link.Path), link.Target);
        }
    }

    private void AddLink(string path, BundleNode link)
    {
        Place(path, link);
        _links.Add(link);
    }

    /// <summary>
    /// A hard link becomes a file of its own with the same bytes, which count: link(2) would save them, but a file system has its own limit of links to one
    /// file, and scripts that change the one would change the other. Of a symbolic link it is a second one, held to the same rule at its own place.
    /// </summary>
    private async ValueTask CopyAsync(string path, string name, BundleNode original, string target, CancellationToken cancellationToken)
    {
        if (original.Kind == BundleNodeKind.Directory)
            throw BundleLinks.NoFile(name, target);

        // Its own second name, which tar passes over.
        if (_bundle.Find(path) == original)
            return;

        if (original.Kind == BundleNodeKind.SymbolicLink)
        {
            AddLink(path, new BundleNode(BundleNodeKind.SymbolicLink, name, original.Target));
            return;
        }

        await using var content = new FileStream(FullPath(original.Path), FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        Place(path, new BundleNode(BundleNodeKind.File, name) { IsExecutable = original.IsExecutable });
        await WriteAsync(path, original.IsExecutable, content, cancellationToken);
    }

    private async ValueTask<long> WriteAsync(string path, bool isExecutable, Stream content, CancellationToken cancellationToken)
    {
        using var file = File.OpenHandle(FullPath(path), FileMode.CreateNew, FileAccess.Write, FileShare.None);
        var written = 0L;

        if (isExecutable && !OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, WithExecute(File.GetUnixFileMode(file)));

        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);

        try
        {
            while (await content.ReadAsync(buffer, cancellationToken) is > 0 and var read)
            {
                limits.CountBytes(read);
                // A synchronous write: the asynchronous one is the same system call on another thread, at several times the price for a small file.
                RandomAccess.Write(file, buffer.AsSpan(0, read), written);
                written += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return written;
    }

    private string ToPath(string name) =>
        EntryPath.Of(name, root) is { Length: > 0 } path ? path : throw ArchiveException.Unsafe(name, "has no name");

    /// <summary>Makes room for <paramref name="node"/>: the folders that it lies in, and out with what an earlier member put in its place.</summary>
    private void Place(string path, BundleNode node)
    {
        var (folder, part) = MakeParent(path, node.Name);
        Clear(folder, part, node.Name);
        folder.Add(part, node);
    }

    /// <summary>The folder that a path lies in, and its last part.</summary>
    private (BundleNode Folder, string Part) MakeParent(string path, string name)
    {
        var folder = _bundle;
        var start = 0;

        // From the top down: a path may have two thousand parts, which is a loop here and would be a deep recursion.
        for (var slash = path.IndexOf('/'); slash >= 0; slash = path.IndexOf('/', start))
        {
            var part = path[start..slash];
            var child = folder.Child(part);

            if (child is null)
            {
                limits.CountMade();
                Directory.CreateDirectory(FullPath(path[..slash]));
                folder.Add(part, child = new BundleNode(BundleNodeKind.Directory, path[..slash]));
            }
            else if (child.Kind != BundleNodeKind.Directory)
            {
                throw ArchiveException.Unsafe(
                    name,
                    $"lies below '{path[..slash]}', which is a {(child.Kind == BundleNodeKind.File ? "file" : "link")} of the archive");
            }

            folder = child;
            start = slash + 1;
        }

        return (folder, path[start..]);
    }

    private void Clear(BundleNode folder, string part, string name)
    {
        if (folder.Child(part) is not { } earlier)
            return;

        if (!earlier.IsEmpty)
            throw ArchiveException.Unsafe(name, "would replace a folder that is not empty");

        if (earlier.Kind == BundleNodeKind.Directory)
            Directory.Delete(FullPath(earlier.Path));
        else if (earlier.Kind == BundleNodeKind.File)
            File.Delete(FullPath(earlier.Path));
        else
            _links.Remove(earlier);

        earlier.Remove();
        // It knows ways that may have led through what was there; what is added changes none that it knows.
        _walk = new LinkWalk();
    }

    /// <summary>Whoever may read a file may execute it: 0755 where the host's umask makes files 0644.</summary>
    private static UnixFileMode WithExecute(UnixFileMode mode) => mode | (UnixFileMode)((int)(mode & AnyRead) >> 2);

    private string FullPath(string path) => $"{root}/{path}";
}
