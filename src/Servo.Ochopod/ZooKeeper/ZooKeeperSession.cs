using System.Threading.Channels;

namespace Servo.Ochopod.ZooKeeper;

/// <summary>A session and its life: one connection after the other, until no server takes it back in time or it is closed.</summary>
internal sealed partial class ZooKeeperSession : IZooKeeperSession
{
    /// <summary>How long closing may take at most.</summary>
    private static readonly TimeSpan _closeTimeout = TimeSpan.FromSeconds(2);

    private readonly Connector _connector;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<Request> _requests = Channel.CreateUnbounded<Request>(new() { SingleReader = true });
    private readonly WatchTable _watches = new();
    private readonly StateChain _states = new(ZooKeeperState.Connected);
    private readonly CancellationTokenSource _ended = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _life;
    private Request? _close;

    /// <summary>Begins the life of a session that was just granted.</summary>
    public ZooKeeperSession(Connection connection, Connector connector, TimeProvider time, ILogger logger)
    {
        (_connector, _time, _logger) = (connector, time, logger);
        (Id, Timeout, Ended) = (connection.Ticket.Id, connection.Ticket.Timeout, _ended.Token);
        _life = LiveAsync(connection);
    }

    public long Id { get; }

    public TimeSpan Timeout { get; }

    public ZooKeeperState State => _states.Now;

    public CancellationToken Ended { get; }

    public IAsyncEnumerable<ZooKeeperState> StatesAsync(CancellationToken cancellationToken) => _states.FollowAsync(cancellationToken);

    public Task<string> CreateAsync(string path, ReadOnlyMemory<byte> data, NodeKind kind, CancellationToken cancellationToken) =>
        CallAsync(Calls.Create(path, data.Span, kind), cancellationToken);

    public Task<ZooKeeperNode> GetAsync(string path, CancellationToken cancellationToken) => CallAsync(Calls.Get(path), cancellationToken);

    public Task<Watched<ZooKeeperNode>> WatchAsync(string path, CancellationToken cancellationToken) => CallAsync(Calls.Watch(path), cancellationToken);

    public Task<NodeStat> SetAsync(string path, ReadOnlyMemory<byte> data, int version, CancellationToken cancellationToken) =>
        CallAsync(Calls.Set(path, data.Span, version), cancellationToken);

    public Task<NodeStat?> ExistsAsync(string path, CancellationToken cancellationToken) => CallAsync(Calls.Exists(path), cancellationToken);

    public Task<Watched<NodeStat?>> WatchExistenceAsync(string path, CancellationToken cancellationToken) =>
        CallAsync(Calls.WatchExistence(path), cancellationToken);

    public Task<IReadOnlyList<string>> ChildrenAsync(string path, CancellationToken cancellationToken) => CallAsync(Calls.Children(path), cancellationToken);

    public Task<Watched<IReadOnlyList<string>>> WatchChildrenAsync(string path, CancellationToken cancellationToken) =>
        CallAsync(Calls.WatchChildren(path), cancellationToken);

    public Task DeleteAsync(string path, int version, CancellationToken cancellationToken) => CallAsync(Calls.Delete(path, version), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        var close = Calls.Close();

        if (Interlocked.CompareExchange(ref _close, close, null) is null)
        {
            if (_requests.Writer.TryWrite(close))
                await CloseSessionAsync(close);

            await _stop.CancelAsync();
        }

        await _life;
    }

    private Task<T> CallAsync<T>(Request<T> request, CancellationToken cancellationToken)
    {
        if (request.Length > Frames.LongestSent)
            request.Fail(ZooKeeperError.Marshalling, $"{request.Length} bytes are more than a server takes");
        else if (_close is not null || !_requests.Writer.TryWrite(request))
            request.Fail(ZooKeeperError.SessionExpired);

        return request.WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Tells the server that the session ends, so that its ephemeral nodes
    /// vanish at once; a connection that was just lost may come back for that.
    /// </summary>
    private async Task CloseSessionAsync(Request<Calls.Nothing> close)
    {
        var limit = Timeout / 3 < _closeTimeout ? Timeout / 3 : _closeTimeout;

        try
        {
            await close.WaitAsync(CancellationToken.None).WaitAsync(limit, _time);
        }
        catch (Exception e) when (e is TimeoutException or ZooKeeperException)
        {
            Log.NotClosed(_logger, Id, Timeout.TotalSeconds);
        }
    }

    private async Task LiveAsync(Connection first)
    {
        var backoff = new Backoff(Timeout / 3, _time);

        try
        {
            for (var connection = first; connection is not null;)
            {
                Log.Connected(_logger, Id, connection.Server.Host, connection.Server.Port);
                var since = _time.GetTimestamp();
                string why;

                using (connection)
                    why = await connection.RunAsync(_requests.Reader, _watches, _stop.Token);

                if (_close is { IsOver: true } || _stop.IsCancellationRequested)
                    return;

                Log.Suspended(_logger, Id, connection.Server.Host, connection.Server.Port, why);
                _states.Enter(ZooKeeperState.Suspended);

                // A server that grants sessions and then hangs up is not asked again and again without a pause.
                if (_time.GetElapsedTime(since) > Timeout / 3)
                    backoff.Reset();

                connection = await ReconnectAsync(connection, backoff);

                if (connection is not null)
                    _states.Enter(ZooKeeperState.Connected);
            }
        }
        finally
        {
            await EndAsync();
        }
    }

    private async Task<Connection?> ReconnectAsync(Connection lost, Backoff backoff)
    {
        var left = Timeout - _time.GetElapsedTime(lost.HeardAt);
        using var limit = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, _time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stop.Token);

        try
        {
            return await _connector.ConnectAsync(lost.Ticket, backoff, stop.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or ZooKeeperException)
        {
            return null;
        }
    }

    private async Task EndAsync()
    {
        var state = _close is null ? ZooKeeperState.Expired : ZooKeeperState.Closed;
        _states.Enter(state);
        Log.Ended(_logger, state is ZooKeeperState.Expired ? LogLevel.Warning : LogLevel.Information, Id, state);
        var telling = _ended.CancelAsync();
        _requests.Writer.Complete();
        _watches.End();

        while (_requests.Reader.TryRead(out var request))
            request.Fail(ZooKeeperError.SessionExpired);

        await telling;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "ZooKeeper session 0x{Id:x} is served by {Host}:{Port}")]
        public static partial void Connected(ILogger logger, long id, string host, int port);

        [LoggerMessage(2, LogLevel.Warning, "ZooKeeper session 0x{Id:x} lost its connection to {Host}:{Port}: {Why}")]
        public static partial void Suspended(ILogger logger, long id, string host, int port, string why);

        [LoggerMessage(EventId = 3, Message = "ZooKeeper session 0x{Id:x} has ended: {State}")]
        public static partial void Ended(ILogger logger, LogLevel level, long id, ZooKeeperState state);

        [LoggerMessage(4, LogLevel.Warning, "ZooKeeper session 0x{Id:x} could not be closed, so its ephemeral nodes stay for up to {Seconds} s")]
        public static partial void NotClosed(ILogger logger, long id, double seconds);
    }
}
