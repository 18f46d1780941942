using System.Globalization;
using Servo.Ochopod.ZooKeeper;

namespace Servo.Ochopod.Cluster;

/// <summary>The lock of a cluster's leader, by the recipe that the pods of other programs use too: the child with the lowest number leads.</summary>
internal sealed class PodElection(PodIdentity pod)
{
    private const string Marker = "__lock__";

    /// <summary>Returns when this pod leads, which it does for the rest of the session.</summary>
    public async Task WinAsync(IZooKeeperSession session, CancellationToken cancellationToken)
    {
        var path = await session.CreateAsync(
            $"{pod.Paths.Coordinator}/{pod.Id:N}{Marker}", ReadOnlyMemory<byte>.Empty, NodeKind.Ephemeral | NodeKind.Sequential,
            cancellationToken);
        var own = path[(path.LastIndexOf('/') + 1)..];

        while (true)
        {
            var others = (await session.ChildrenAsync(pod.Paths.Coordinator, cancellationToken)).Where(child => Number(child) < Number(own)).ToList();

            if (others.Count == 0)
                return;

            // Each watches only the one before it, so that one who leaves wakes one other.
            var before = await session.WatchExistenceAsync($"{pod.Paths.Coordinator}/{others.MaxBy(Number)}", cancellationToken);

            if (before.Value is not null)
                await before.Changed.WaitAsync(cancellationToken);
        }
    }

    private static long Number(string child) =>
        child.LastIndexOf(Marker, StringComparison.Ordinal) is >= 0 and var at
        && long.TryParse(child.AsSpan(at + Marker.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : long.MaxValue;
}
