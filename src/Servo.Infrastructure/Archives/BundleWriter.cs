using Servo.Domain;

namespace Servo.Infrastructure.Archives;

/// <summary>
/// The one place that touches the bundle's directory. Nothing it makes can lie outside: the directory is private and starts empty, a name's parts are neither
/// <c>..</c> nor absolute, every folder on the way was made here, new files are opened <c>CreateNew</c> (O_EXCL, which follows no link), and while members are
/// written there is no link on disk that one could be written through: links are made when the last member is in place (CVE-2026-45491, GHSA-rch7-vc9j-fw2v).
/// </summary>
internal sealed class BundleWriter(string root, UnpackLimits limits)
{
    private const UnixFileMode AnyRead = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly BundleTree _tree = new();
    private readonly HashSet<string> _hardLinked = new(StringComparer.Ordinal);
    private readonly byte[] _buffer = new byte[256 * 1024];
    private bool _hasLinks;

    public void AddDirectory(string name)
    {
        limits.CountEntry();
        var path = EntryName.ToPath(name, root);

        if (_tree.Find(path) is not { Kind: NodeKind.Directory })
            MakeDirectory(path, name);
    }

    /// <summary>Writes a file, with its execute bit and nothing else of its mode, and returns its size.</summary>
    public async ValueTask<long> AddFileAsync(string name, bool isExecutable, Stream content, CancellationToken cancellationToken)
    {
        limits.CountEntry();
        var path = Place(name, new BundleNode(NodeKind.File, name) { IsExecutable = isExecutable });

        return await WriteAsync(path, isExecutable, content, cancellationToken);
    }

    public void AddSymbolicLink(string name, string target) => AddLink(name, new BundleNode(NodeKind.SymbolicLink, name, target));

    public void AddHardLink(string name, string target)
    {
        if (BundlePath.Normalize(target) is not { Length: > 0 } existing)
            throw RejectedArchiveException.Unsafe(name, "is a hard link that leads outside the bundle");

        AddLink(name, new BundleNode(NodeKind.HardLink, name, existing));
        _hardLinked.Add(existing);
    }

    /// <summary>Makes the links, once all else is in place.</summary>
    public async ValueTask MakeLinksAsync(CancellationToken cancellationToken)
    {
        if (!_hasLinks)
            return;

        foreach (var (path, link) in _tree.Links)
        {
            cancellationToken.ThrowIfCancellationRequested();

            if (link.Kind == NodeKind.HardLink)
                await CopyAsync(path, link, cancellationToken);
            else if (_tree.Resolve(path, link.Target) is not null)
                File.CreateSymbolicLink(FullPath(path), link.Target);
            else
                throw RejectedArchiveException.Unsafe(link.Name, "is a link that leads outside the bundle, through another link, or to nothing");
        }
    }

    private void AddLink(string name, BundleNode link)
    {
        limits.CountEntry();
        Place(name, link);
        _hasLinks = true;
    }

    /// <summary>
    /// A hard link becomes a file of its own with the same bytes, which count: link(2) would save them, but a file system has its own limit of links to one
    /// file, and scripts that change the one would change the other.
    /// </summary>
    private async ValueTask CopyAsync(string path, BundleNode link, CancellationToken cancellationToken)
    {
        if (_tree.Find(link.Target) is not { Kind: NodeKind.File } original)
            throw RejectedArchiveException.Unsafe(link.Name, $"is a hard link to '{link.Target}', which is no file of the bundle");

        await using var content = new FileStream(FullPath(link.Target), FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        await WriteAsync(path, original.IsExecutable, content, cancellationToken);
    }

    private async ValueTask<long> WriteAsync(string path, bool isExecutable, Stream content, CancellationToken cancellationToken)
    {
        using var file = File.OpenHandle(FullPath(path), FileMode.CreateNew, FileAccess.Write, FileShare.None);
        var written = 0L;

        if (isExecutable && !OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, WithExecute(File.GetUnixFileMode(file)));

        while (await content.ReadAsync(_buffer, cancellationToken) is > 0 and var read)
        {
            limits.CountBytes(read);
            // A synchronous write: the asynchronous one is the same system call on another thread, at several times the price for a small file.
            RandomAccess.Write(file, _buffer.AsSpan(0, read), written);
            written += read;
        }

        return written;
    }

    /// <summary>Makes room for <paramref name="node"/>: the folders that it lies in, and out with what an earlier member put in its place.</summary>
    private string Place(string name, BundleNode node)
    {
        var path = EntryName.ToPath(name, root);

        if (path.Length == 0)
            throw RejectedArchiveException.Unsafe(name, "has no name");

        MakeParent(path, name);
        Clear(path, name);
        _tree.Add(path, node);

        return path;
    }

    private void MakeDirectory(string path, string name)
    {
        MakeParent(path, name);
        Clear(path, name);
        Directory.CreateDirectory(FullPath(path));
        _tree.Add(path, new BundleNode(NodeKind.Directory, name));
    }

    private void MakeParent(string path, string name)
    {
        // From the top down: a path may have two thousand parts, which is a loop here and would be a deep recursion.
        for (var slash = path.IndexOf('/'); slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            var parent = path[..slash];

            switch (_tree.Find(parent)?.Kind)
            {
                case NodeKind.Directory:
                    break;
                case null:
                    limits.CountMade();
                    Directory.CreateDirectory(FullPath(parent));
                    _tree.Add(parent, new BundleNode(NodeKind.Directory, parent));
                    break;
                case NodeKind.File:
                    throw RejectedArchiveException.Unsafe(name, $"lies below '{parent}', which is a file of the archive");
                default:
                    throw RejectedArchiveException.Unsafe(name, $"lies below '{parent}', which is a link of the archive");
            }
        }
    }

    private void Clear(string path, string name)
    {
        if (_tree.Find(path) is not { } earlier)
            return;

        if (earlier.Children > 0)
            throw RejectedArchiveException.Unsafe(name, "would replace a folder that is not empty");

        if (_hardLinked.Contains(path))
            throw RejectedArchiveException.Unsafe(name, "would replace a file that a hard link of the archive names");

        if (earlier.Kind == NodeKind.Directory)
            Directory.Delete(FullPath(path));
        else if (earlier.Kind == NodeKind.File)
            File.Delete(FullPath(path));

        _tree.Remove(path);
    }

    /// <summary>Whoever may read a file may execute it: 0755 where the host's umask makes files 0644.</summary>
    private static UnixFileMode WithExecute(UnixFileMode mode) => mode | (UnixFileMode)((int)(mode & AnyRead) >> 2);

    private string FullPath(string path) => $"{root}/{path}";
}
