using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Servo.Ochopod.ZooKeeper;

namespace Servo.Ochopod.Cluster;

/// <summary>
/// Leads the cluster: whenever its pods or the portal's change, has every pod check, turn on and confirm, and then shows the result to the clusters that
/// depend on this one.
/// </summary>
internal sealed partial class PodLeader(
    PodIdentity pod, PodState state, PodLifecycle lifecycle, PortalFollower portal, IPodClient client, TimeProvider time,
    ILogger<PodLeader> logger)
{
    private static readonly TimeSpan _retry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    /// <summary>Leads until the session ends or the token is cancelled.</summary>
    public async Task LeadAsync(IZooKeeperSession session, CancellationToken cancellationToken)
    {
        state.Role = PodState.Pending;

        try
        {
            // A leader before this one may have left it behind, for as long as its session lasts.
            await session.DeleteIfThereAsync(pod.Paths.Snapshot, cancellationToken);
            await session.CreateAsync(pod.Paths.Snapshot, "{}"u8.ToArray(), NodeKind.Ephemeral, cancellationToken);
            await KeepConfiguredAsync(session, cancellationToken);
        }
        finally
        {
            state.Role = PodState.Follower;
            state.Status = "";
        }
    }

    private async Task KeepConfiguredAsync(IZooKeeperSession session, CancellationToken cancellationToken)
    {
        var configured = "";

        while (true)
        {
            var portalChanged = portal.Changed;
            var (pods, podsChanged) = await PodsAsync(session, cancellationToken);
            var hash = ClusterHash.Of(pods, portal.View);

            if (hash != configured)
            {
                state.Role = PodState.Pending;

                // What was configured halfway is no longer what was configured before.
                configured = "";

                if (await ConfigureAsync(pods, cancellationToken) is { } alive)
                {
                    await session.SetAsync(pod.Paths.Snapshot, alive.ToJson().ToUtf8(), -1, cancellationToken);
                    await session.SetAsync(pod.Paths.Hash, Encoding.ASCII.GetBytes(ClusterHash.Of(alive, portal.View)), -1, cancellationToken);
                    configured = hash;
                    state.Role = PodState.Leader;
                    state.Status = "";
                }
            }

            await Task.WhenAny(podsChanged, portalChanged).OrAfterAsync(hash == configured ? Timeout.InfiniteTimeSpan : _retry, time, cancellationToken);
        }
    }

    /// <summary>The pods that are registered now; one that has not written yet is left out, and its writing is a change.</summary>
    private async Task<(PodView View, Task Changed)> PodsAsync(IZooKeeperSession session, CancellationToken cancellationToken)
    {
        var children = await session.WatchChildrenAsync(pod.Paths.Pods, cancellationToken);
        var changes = new List<Task> { children.Changed };
        var pods = new Dictionary<string, PodRegistration>(StringComparer.Ordinal);

        foreach (var child in children.Value)
        {
            try
            {
                var node = await session.WatchAsync($"{pod.Paths.Pods}/{child}", cancellationToken);
                changes.Add(node.Changed);

                if (PodRegistration.Parse(node.Value.Data.Span) is { } registration && child.LastIndexOf('.') is > 0 and var dot)
                    pods[child[..dot]] = registration;
            }
            catch (ZooKeeperException e) when (e.Code == ZooKeeperError.NoNode)
            {
                // It has left meanwhile, which the watch of the children tells, too.
            }
        }

        return (new PodView(pods), Task.WhenAny(changes));
    }

    /// <summary>Has every pod configure itself; returns those that are not dead, or <see langword="null"/> where one could not.</summary>
    private async Task<PodView?> ConfigureAsync(PodView pods, CancellationToken cancellationToken)
    {
        if (portal.View.OnlyOne is null || !portal.IsFound)
        {
            state.Status = $"* waiting for the portal: {portal.WhyNone}";
            return null;
        }

        state.Role = PodState.Configuring;
        state.Status = $"* configuring {pods.Pods.Count} pods";
        var alive = pods;

        foreach (var task in new[] { "check", "on", "ok" })
        {
            foreach (var (key, other) in alive.Pods)
            {
                switch (await ControlAsync(key, other, task, alive, cancellationToken))
                {
                    case 200:
                        break;
                    case 410:
                        alive = alive.Without(key);
                        break;
                    case var status:
                        Log.NotConfigured(logger, key, task, status?.ToString(CultureInfo.InvariantCulture) ?? "nothing");
                        state.Role = PodState.Pending;
                        state.Status = $"* pod #{other.Sequence} did not {task}";
                        return null;
                }
            }
        }

        return alive;
    }

    private async Task<int?> ControlAsync(string key, PodRegistration other, string task, PodView pods, CancellationToken cancellationToken)
    {
        var payload = new JsonObject
        {
            ["pods"] = pods.ToJson(),
            ["dependencies"] = new JsonObject { ["portal"] = portal.View.ToJson() },
            ["key"] = key,
        };

        // The machine's own address may not lead back into the container.
        return key == pod.Key
            ? (await lifecycle.ControlAsync(task, payload, _limit)).ToStatus()
            : await client.ControlAsync(other, task, payload, cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The cluster is not configured: pod {Pod} answered {Task} with {Status}")]
        public static partial void NotConfigured(ILogger logger, string pod, string task, string status);
    }
}
