namespace Servo.Ochopod.ZooKeeper;

/// <summary>What is said with several calls.</summary>
internal static class ZooKeeperSessionExtensions
{
    /// <summary>Creates a persistent, empty node and those above it, as far as they are not there yet.</summary>
    public static async Task EnsurePathAsync(this IZooKeeperSession session, string path, CancellationToken cancellationToken)
    {
        for (var end = path.IndexOf('/', 1); ; end = path.IndexOf('/', end + 1))
        {
            await EnsureAsync(session, end < 0 ? path : path[..end], cancellationToken);

            if (end < 0)
                return;
        }
    }

    private static async Task EnsureAsync(IZooKeeperSession session, string path, CancellationToken cancellationToken)
    {
        try
        {
            await session.CreateAsync(path, ReadOnlyMemory<byte>.Empty, NodeKind.Persistent, cancellationToken);
        }
        catch (ZooKeeperException e) when (e.Code == ZooKeeperError.NodeExists)
        {
            // Which is all that was asked for.
        }
    }

    /// <summary>Deletes a node, whatever its version, if it is there.</summary>
    public static async Task DeleteIfThereAsync(this IZooKeeperSession session, string path, CancellationToken cancellationToken)
    {
        try
        {
            await session.DeleteAsync(path, -1, cancellationToken);
        }
        catch (ZooKeeperException e) when (e.Code == ZooKeeperError.NoNode)
        {
            // Which is all that was asked for.
        }
    }
}
