using System.Text.Json.Nodes;
using Servo.Application.Portal;
using Servo.Ochopod.ZooKeeper;

namespace Servo.Ochopod.Cluster;

/// <summary>
/// Follows the portal of this pod's namespace: its pod by the snapshot of its cluster, its token by its control endpoint. A portal that moves is used
/// from the next command on. One that disappears stays in use: its own leader may only have changed.
/// </summary>
internal sealed partial class PortalFollower(
    PodIdentity pod, IPodClient client, IZooKeeper zooKeeper, TimeProvider time, ILogger<PortalFollower> logger) : IPortalDirectory
{
    private const int PortalPort = 9000;

    // A portal that takes another token without registering anew does not tell.
    private static readonly TimeSpan _tokenRefresh = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _retry = TimeSpan.FromSeconds(1);

    // A portal that has just started takes commands before its cluster shows it.
    private static readonly TimeSpan _longestRenewal = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private volatile PortalTarget? _current;
    private volatile PodView? _view;
    private volatile PodRegistration? _portal;
    private TaskCompletionSource _changed = NewSource();

    /// <inheritdoc/>
    public PortalTarget? Current => _current;

    /// <inheritdoc/>
    public string Description => "the portal that the cluster names";

    /// <inheritdoc/>
    public string WhyNone =>
        zooKeeper.WhyUnreachable is { } unreachable ? $"{unreachable}, so no portal is known"
        : _view is not { } view ? "ZooKeeper has not told yet where the portal is"
        : view.Pods.Count switch
        {
            0 => $"no portal is registered in ZooKeeper at {pod.PortalPaths.Snapshot}",
            1 => "the portal is registered, but its control endpoint does not answer",
            var several => $"{pod.PortalPaths.Name} has {several} pods, and one is expected",
        };

    /// <inheritdoc/>
    public string? WhyOutdated => zooKeeper.WhyUnreachable is { } unreachable ? $"{unreachable}, so it may have moved" : null;

    /// <inheritdoc/>
    public bool IsRenewable => true;

    /// <summary>The portal's pods as its cluster last showed them.</summary>
    public PodView View => _view ?? PodView.None;

    /// <summary>Whether the portal is there and answers as far as is known.</summary>
    public bool IsFound { get; private set; }

    /// <summary>Completes at the next change of what is known.</summary>
    public Task Changed
    {
        get
        {
            lock (_gate)
                return _changed.Task;
        }
    }

    /// <summary>Follows until the session ends or the token is cancelled.</summary>
    public async Task FollowAsync(IZooKeeperSession session, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (view, changed) = await WatchAsync(session, cancellationToken);
            _view = view;
            _portal = view.OnlyOne ?? _portal;
            var found = view.OnlyOne is { } portal && await TryUseAsync(portal, cancellationToken);
            Note(found);
            await changed.OrAfterAsync(view.OnlyOne is null ? Timeout.InfiniteTimeSpan : found ? _tokenRefresh : _retry, time, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task<PortalTarget?> RenewAsync(PortalTarget refused, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_longestRenewal, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);

        try
        {
            while (true)
            {
                var changed = Changed;

                // A portal that answers says which token it has; one that does not may be about to be shown at another address.
                if (_current != refused || (_portal is { } portal && await TryUseAsync(portal, either.Token)))
                    return _current != refused ? _current : null;

                await changed.OrAfterAsync(_retry, time, either.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task<(PodView View, Task Changed)> WatchAsync(IZooKeeperSession session, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var snapshot = await session.WatchAsync(pod.PortalPaths.Snapshot, cancellationToken);
                return (PodView.Parse(snapshot.Value.Data.Span), snapshot.Changed);
            }
            catch (ZooKeeperException e) when (e.Code == ZooKeeperError.NoNode)
            {
                var absence = await session.WatchExistenceAsync(pod.PortalPaths.Snapshot, cancellationToken);

                if (absence.Value is null)
                    return (PodView.None, absence.Changed);
            }
        }
    }

    private async Task<bool> TryUseAsync(PodRegistration portal, CancellationToken cancellationToken)
    {
        if (portal.Endpoint(PortalPort) is not { } url || await client.InfoAsync(portal, cancellationToken) is not { } info)
            return false;

        // A portal without a token publishes an empty one, or none.
        var token = info["metrics"] is JsonObject metrics && metrics["token"] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
        var target = new PortalTarget(url, token);

        if (target == _current)
            return true;

        Log.Found(logger, url);
        _current = target;
        return true;
    }

    private void Note(bool found)
    {
        TaskCompletionSource changed;

        lock (_gate)
        {
            IsFound = found;
            (changed, _changed) = (_changed, NewSource());
        }

        changed.TrySetResult();
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The portal is at {Url}")]
        public static partial void Found(ILogger logger, Uri url);
    }
}
