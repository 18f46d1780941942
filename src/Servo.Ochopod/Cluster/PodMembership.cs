using System.Globalization;
using Servo.Ochopod.ZooKeeper;

namespace Servo.Ochopod.Cluster;

/// <summary>
/// Keeps the pod in its cluster: registered, following the portal, leading when
/// its turn comes; anew with each session, under the same identifier and number.
/// </summary>
internal sealed partial class PodMembership(
    IZooKeeper zooKeeper, PodIdentity pod, PodState state, PodElection election, PodLeader leader, PortalFollower portal, TimeProvider time,
    ILogger<PodMembership> logger) : IDisposable
{
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    private CancellationTokenSource _reset = new();
    private int? _sequence;

    /// <summary>Goes on until it is cancelled, whatever becomes of ZooKeeper.</summary>
    public async Task KeepAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await using var session = await zooKeeper.OpenSessionAsync(cancellationToken);
                await TakePartAsync(session, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                Log.Left(logger, pod.Paths.Name);
            }
            catch (Exception e)
            {
                // Runs go on without a cluster, so nothing that happens to it may end the host.
                Log.Failed(logger, pod.Paths.Name, e);
                await PauseAsync(cancellationToken);
            }
        }
    }

    /// <summary>Leaves the cluster and registers again, with a new session; runs are not touched.</summary>
    public void Reset()
    {
        var reset = Interlocked.Exchange(ref _reset, new CancellationTokenSource());
        reset.Cancel();
        reset.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => _reset.Dispose();

    private async Task TakePartAsync(IZooKeeperSession session, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(session.Ended, cancellationToken, Volatile.Read(ref _reset).Token);
        var node = await RegisterAsync(session, end.Token);
        Log.Registered(logger, node, session.Id);

        // The first that ends, ends them all: each of them ends only with the session, or with a fault that a new session may mend.
        var parts = new[] { GoneAsync(session, node, end.Token), portal.FollowAsync(session, end.Token), LeadWhenElectedAsync(session, end.Token) };
        var first = await Task.WhenAny(parts);
        await end.CancelAsync();

        foreach (var part in parts)
            await part.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

        await first;
    }

    private async Task<string> RegisterAsync(IZooKeeperSession session, CancellationToken cancellationToken)
    {
        await session.EnsurePathAsync(pod.Paths.Pods, cancellationToken);
        await session.EnsurePathAsync(pod.Paths.Hash, cancellationToken);
        await session.EnsurePathAsync(pod.Paths.Coordinator, cancellationToken);
        await ForgetAsync(session, cancellationToken);

        // Tools fail on a node without data, so it is created with what its number is going to be, unless others come in between.
        var expected = _sequence ?? await NextSequenceAsync(session, cancellationToken);
        var node = await session.CreateAsync($"{pod.Paths.Pods}/{pod.Key}.", Bytes(expected), NodeKind.Ephemeral | NodeKind.Sequential, cancellationToken);
        _sequence ??= int.Parse(node.AsSpan(node.LastIndexOf('.') + 1), CultureInfo.InvariantCulture);

        if (_sequence != expected)
            await session.SetAsync(node, Bytes(_sequence.Value), -1, cancellationToken);

        state.Registration = Registration(_sequence.Value);
        return node;
    }

    /// <summary>Deletes what an earlier session of this pod left, which ZooKeeper would keep for some seconds more.</summary>
    private async Task ForgetAsync(IZooKeeperSession session, CancellationToken cancellationToken)
    {
        foreach (var child in await session.ChildrenAsync(pod.Paths.Pods, cancellationToken))
        {
            if (child.StartsWith(pod.Key + ".", StringComparison.Ordinal))
                await session.DeleteIfThereAsync($"{pod.Paths.Pods}/{child}", cancellationToken);
        }
    }

    private async Task<int> NextSequenceAsync(IZooKeeperSession session, CancellationToken cancellationToken)
    {
        // Children that came, and so the next number, from what a server shows: those that came and those that went.
        var stat = (await session.GetAsync(pod.Paths.Pods, cancellationToken)).Stat;
        return (stat.ChildrenVersion + stat.ChildrenCount) / 2;
    }

    private static async Task GoneAsync(IZooKeeperSession session, string node, CancellationToken cancellationToken)
    {
        while (await session.WatchExistenceAsync(node, cancellationToken) is { Value: not null } there)
            await there.Changed.WaitAsync(cancellationToken);

        throw new ZooKeeperException(ZooKeeperError.NoNode, "watch", node, "somebody else deleted this pod's registration");
    }

    private async Task LeadWhenElectedAsync(IZooKeeperSession session, CancellationToken cancellationToken)
    {
        await election.WinAsync(session, cancellationToken);
        Log.Leads(logger, pod.Paths.Name);
        await leader.LeadAsync(session, cancellationToken);
    }

    private async Task PauseAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(_pause, time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The loop ends.
        }
    }

    private PodRegistration Registration(int sequence) => new(pod.Settings, sequence);

    private byte[] Bytes(int sequence) => Registration(sequence).ToJson().ToUtf8();

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Registered as {Node} in session 0x{SessionId:x}")]
        public static partial void Registered(ILogger logger, string node, long sessionId);

        [LoggerMessage(2, LogLevel.Information, "Leads the cluster {Cluster}")]
        public static partial void Leads(ILogger logger, string cluster);

        [LoggerMessage(3, LogLevel.Information, "Out of the cluster {Cluster}")]
        public static partial void Left(ILogger logger, string cluster);

        [LoggerMessage(4, LogLevel.Warning, "Out of the cluster {Cluster}; tries to come back")]
        public static partial void Failed(ILogger logger, string cluster, Exception exception);
    }
}
