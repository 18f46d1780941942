using System.Runtime.InteropServices;

namespace Servo.Ochopod.ZooKeeper;

/// <summary>Which list of the server's a watch is in; each is named by another part of <see cref="Operation.SetWatches"/>.</summary>
internal enum WatchKind
{
    /// <summary>The data of a node that is there.</summary>
    Data,

    /// <summary>The creation of a node that is not there.</summary>
    Existence,

    /// <summary>The children of a node.</summary>
    Children,
}

/// <summary>The watches of a session that have not fired yet. Only one connection at a time touches it, and of that only the reader.</summary>
internal sealed class WatchTable
{
    /// <summary>How many bytes of paths are named in one frame: far from the limit, as one path alone may be long.</summary>
    private const int BytesPerFrame = 128 * 1024;

    private readonly Dictionary<(WatchKind Kind, string Path), TaskCompletionSource<NodeChange>> _watches = [];

    /// <summary>Adds a watch. Those on the same thing fire together, as the server tells of it once.</summary>
    public Task<NodeChange> Add(WatchKind kind, string path)
    {
        ref var watch = ref CollectionsMarshal.GetValueRefOrAddDefault(_watches, (kind, path), out _);
        watch ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
        return watch.Task;
    }

    /// <summary>Fires the watches that an event is about.</summary>
    public void Fire(NodeChange change, string path)
    {
        ReadOnlySpan<WatchKind> kinds = change switch
        {
            NodeChange.Created or NodeChange.DataChanged => [WatchKind.Data, WatchKind.Existence],
            NodeChange.Deleted => [WatchKind.Data, WatchKind.Existence, WatchKind.Children],
            NodeChange.ChildrenChanged => [WatchKind.Children],
            _ => [],
        };

        foreach (var kind in kinds)
        {
            if (_watches.Remove((kind, path), out var watch))
                watch.SetResult(change);
        }
    }

    /// <summary>Fires all that is left, as the session has ended.</summary>
    public void End()
    {
        foreach (var watch in _watches.Values)
            watch.SetResult(NodeChange.SessionEnded);

        _watches.Clear();
    }

    /// <summary>
    /// The frames that set the watches anew on another server, which answers at
    /// once with what changed after the transaction <paramref name="seen"/>.
    /// </summary>
    public IEnumerable<byte[]> Rearm(long seen)
    {
        var bytes = 0;
        var some = new List<(WatchKind Kind, string Path)>();

        foreach (var watch in _watches.Keys)
        {
            some.Add(watch);
            bytes += watch.Path.Length;

            if (bytes >= BytesPerFrame)
            {
                yield return Frame(seen, some);
                (bytes, some) = (0, []);
            }
        }

        if (some.Count > 0)
            yield return Frame(seen, some);
    }

    private static byte[] Frame(long seen, List<(WatchKind Kind, string Path)> watches)
    {
        var paths = watches.ToLookup(watch => watch.Kind, watch => watch.Path);

        return new JuteWriter()
            .Int(Reserved.SetWatches)
            .Int((int)Operation.SetWatches)
            .Long(seen)
            .Strings([.. paths[WatchKind.Data]])
            .Strings([.. paths[WatchKind.Existence]])
            .Strings([.. paths[WatchKind.Children]])
            .ToFrame();
    }
}
