namespace Servo.Ochopod.ZooKeeper;

/// <summary>Opens sessions over ZooKeeper's own protocol.</summary>
internal sealed class ZooKeeperClient(ServerList servers, TimeSpan sessionTimeout, TimeProvider time, ILogger<ZooKeeperClient> logger) : IZooKeeper
{
    private readonly Connector _connector = new(servers, time, logger);

    public string? WhyUnreachable => _connector.WhyUnreachable;

    public async Task<IZooKeeperSession> OpenSessionAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(sessionTimeout / 3, time);
        var connection = await _connector.ConnectAsync(SessionTicket.New(sessionTimeout), backoff, cancellationToken);

        return new ZooKeeperSession(connection, _connector, time, logger);
    }
}
