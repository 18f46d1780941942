using System.Runtime.CompilerServices;

namespace Servo.Ochopod.ZooKeeper;

/// <summary>The states of a session, each of which leads to the next, so that whoever follows them misses none.</summary>
internal sealed class StateChain(ZooKeeperState first)
{
    private volatile Link _now = new(first);

    public ZooKeeperState Now => _now.State;

    /// <summary>Goes on to another state; only one caller at a time.</summary>
    public void Enter(ZooKeeperState state)
    {
        var (last, next) = (_now, new Link(state));
        _now = next;
        last.Next.SetResult(next);
    }

    public async IAsyncEnumerable<ZooKeeperState> FollowAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var link = _now; ; link = await link.Next.Task.WaitAsync(cancellationToken))
        {
            yield return link.State;

            if (link.State is ZooKeeperState.Expired or ZooKeeperState.Closed)
                yield break;
        }
    }

    private sealed class Link(ZooKeeperState state)
    {
        public ZooKeeperState State => state;

        public TaskCompletionSource<Link> Next { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
