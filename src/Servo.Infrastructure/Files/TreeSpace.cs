namespace Servo.Infrastructure.Files;

/// <summary>Adds up the space that a folder takes on its disk, with all in it, while somebody may still change it: no link is followed, no mode changed.</summary>
internal sealed class TreeSpace
{
    // So many descriptors are open at most; what scripts make is not that deep, but to escape this.
    private const int MaxDepth = 100;

    private readonly HashSet<ulong> _linked = []; // the files of several names that were added
    private readonly long _enough;
    private readonly CancellationToken _cancellationToken;
    private long _sum;

    private TreeSpace(long enough, CancellationToken cancellationToken) => (_enough, _cancellationToken) = (enough, cancellationToken);

    /// <summary>
    /// Whether the folder takes more than so many bytes; also where that cannot be said, as some of it is nested in more than 100 folders, or is a folder that
    /// this user may not read.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static bool IsMoreThan(long bytes, string folder, CancellationToken cancellationToken)
    {
        try
        {
            using var top = OpenFolder.AtPath(folder);
            return !new TreeSpace(bytes, cancellationToken).TryAdd(top, 0);
        }
        catch (DirectoryNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Adds what is in a folder; returns whether that was possible and is not too much.</summary>
    private bool TryAdd(OpenFolder folder, int depth)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        var entries = new FolderEntries(folder);

        while (entries.TryRead(out var name))
        {
            if (folder.TryLook(name, out var status) is var error and not 0)
            {
                if (error == Errno.NoSuchEntry)
                    continue; // it was removed meanwhile

                return false;
            }

            if (status.IsFolder || status.Links == 1 || _linked.Add(status.Inode))
                _sum += status.Space;

            if (_sum > _enough || (status.IsFolder && !TryEnter(folder, name, depth + 1)))
                return false;
        }

        return entries.Error is 0 or Errno.NoSuchEntry;
    }

    private bool TryEnter(OpenFolder folder, ReadOnlySpan<byte> name, int depth)
    {
        if (depth > MaxDepth)
            return false;

        using var below = folder.OpenAsItIs(name);
        return below is null || TryAdd(below, depth);
    }
}
