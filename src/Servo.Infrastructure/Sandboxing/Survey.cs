using Microsoft.Win32.SafeHandles;
using Servo.Infrastructure.Files;

namespace Servo.Infrastructure.Sandboxing;

/// <summary>
/// What was looked at to tell what is hidden from what is not. While none of it has changed, and nothing was mounted, the same places are to be told of.
/// </summary>
internal sealed class Survey
{
    // Kernels before 6.13 give changes within one tick, of up to 10 ms, one time.
    private static readonly TimeSpan _tooRecent = TimeSpan.FromMilliseconds(100);

    private readonly List<(string Path, Sight Sight)> _named = [];
    private readonly List<(string Path, FileCalls.Status Status)> _listed = [];
    private bool _mayMissChanges;

    /// <summary>Folders that had more entries than <see cref="HiddenTree.MaxEntries"/>: but for what is known in them they stay out of reach.</summary>
    public List<string> Crowded { get; } = [];

    /// <summary>Whether a path leads elsewhere than it did, or a folder has got or lost an entry, or may have.</summary>
    public bool HasChanged => _mayMissChanges || _named.Exists(HasMoved) || _listed.Exists(HasOtherEntries);

    /// <summary>
    /// Opens what a path leads to, as a descriptor that only stands for it (O_PATH); invalid where nothing is there. Tells its path that no link is on.
    /// </summary>
    public SafeFileHandle Open(string path, out string real)
    {
        var place = Open(path, out Sight sight);
        _named.Add((path, sight));
        real = sight.Real;
        return place;
    }

    /// <summary>Notes a folder before its entries are read.</summary>
    public void List(string path, OpenFolder folder)
    {
        _mayMissChanges |= folder.TryLook(out var status) != 0 || DateTime.UtcNow - status.Changed < _tooRecent;
        _listed.Add((path, status));
    }

    private static bool HasMoved((string Path, Sight Sight) named)
    {
        using var place = Open(named.Path, out Sight now);
        return now != named.Sight;
    }

    private static bool HasOtherEntries((string Path, FileCalls.Status Status) listed) =>
        !FileCalls.ReadStatus(listed.Path, out var now) || !now.IsSameAs(listed.Status) || now.Changed != listed.Status.Changed;

    private static SafeFileHandle Open(string path, out Sight sight)
    {
        var place = FileCalls.Open(path, FileCalls.PathOnly | FileCalls.CloseOnExec, 0);

        sight = !place.IsInvalid && RealPath.Of(place) is { } real && FileCalls.ReadStatus(place, "\0"u8, out var status)
            ? new Sight(real, status.DeviceMajor, status.DeviceMinor, status.Inode)
            : new Sight(Path.GetFullPath(path), 0, 0, 0);

        return place;
    }

    private readonly record struct Sight(string Real, uint DeviceMajor, uint DeviceMinor, ulong Inode);
}
