using Microsoft.Extensions.Logging.Abstractions;
using Servo.Ochopod.ZooKeeper;
using Servo.Testing;
using static Servo.Ochopod.Tests.ZooKeeper.ZooKeeperTest;

namespace Servo.Ochopod.Tests.ZooKeeper;

public sealed class EnsembleTests : IAsyncLifetime
{
    private IReadOnlyList<ZooKeeperServer> _servers = [];

    public async ValueTask InitializeAsync() => _servers = await ZooKeeperServer.StartEnsembleAsync(3);

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            await server.DisposeAsync();
    }

    [Fact]
    public async Task A_session_goes_on_with_another_server_when_its_own_is_killed()
    {
        var servers = string.Join(',', _servers.Select(server => server.Address));
        var connector = new Connector(ServerList.Parse(servers), TimeProvider.System, NullLogger.Instance);
        var connection = await connector.ConnectAsync(SessionTicket.New(LongTimeout), new Backoff(LongTimeout, TimeProvider.System), Cancellation);
        await using var session = new ZooKeeperSession(connection, connector, TimeProvider.System, NullLogger.Instance);
        await session.CreateAsync("/node", "data", NodeKind.Ephemeral);
        var watched = await session.WatchAsync("/node", Cancellation);
        var own = _servers.Single(server => server.Port == connection.Server.Port);

        await own.KillAsync();
        await session.ReachesAsync(ZooKeeperState.Suspended);
        (await session.TextAsync("/node")).ShouldBe("data");
        session.State.ShouldBe(ZooKeeperState.Connected);

        // The death of a leader interrupts every server.
        await SetAsync(session, "other");
        (await watched.Changed.SoonAsync()).ShouldBe(NodeChange.DataChanged);

        await own.StartAgainAsync();
        await using var next = await OpenAsync(own.Address);
        (await next.ExistsAsync("/node", Cancellation))!.EphemeralOwner.ShouldBe(session.Id);
    }

    private static async Task SetAsync(ZooKeeperSession session, string data)
    {
        while (true)
        {
            try
            {
                await session.SetAsync("/node", data);
                return;
            }
            catch (ZooKeeperException e) when (e.Code == ZooKeeperError.ConnectionLoss)
            {
                // A data set twice is the same.
            }
        }
    }
}
