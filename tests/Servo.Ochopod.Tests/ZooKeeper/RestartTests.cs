using Servo.Ochopod.ZooKeeper;
using Servo.Testing;
using static Servo.Ochopod.Tests.ZooKeeper.ZooKeeperTest;

namespace Servo.Ochopod.Tests.ZooKeeper;

public sealed class RestartTests
{
    [Fact]
    public async Task A_session_its_nodes_and_its_watches_outlive_a_restart_of_the_server_but_not_a_long_absence()
    {
        await using var server = await ZooKeeperServer.StartAsync();
        await using var session = await OpenAsync(server.Address, TimeSpan.FromSeconds(20));
        await using var brief = await OpenAsync(server.Address, ShortTimeout);
        await session.CreateAsync("/node", "data", NodeKind.Ephemeral);
        await brief.CreateAsync("/brief", kind: NodeKind.Ephemeral);
        var watched = await session.WatchAsync("/node", Cancellation);

        await server.KillAsync();
        await session.ReachesAsync(ZooKeeperState.Suspended);
        await brief.ReachesAsync(ZooKeeperState.Expired);
        await server.StartAgainAsync();

        (await session.TextAsync("/node")).ShouldBe("data");
        session.State.ShouldBe(ZooKeeperState.Connected);
        watched.Changed.IsCompleted.ShouldBeFalse();
        await session.SetAsync("/node", "other");
        (await watched.Changed.SoonAsync()).ShouldBe(NodeChange.DataChanged);
        await session.VanishesAsync("/brief");
        (await ErrorOfAsync(() => brief.GetAsync("/", Cancellation))).Code.ShouldBe(ZooKeeperError.SessionExpired);
    }

    [Fact]
    public async Task A_session_is_opened_as_soon_as_a_server_is_there()
    {
        await using var server = await ZooKeeperServer.StartAsync();
        await server.KillAsync();

        var opening = Client(server.Address, ShortTimeout).OpenSessionAsync(Cancellation);
        opening.IsCompleted.ShouldBeFalse();
        await server.StartAgainAsync();

        await using var session = await opening.WaitAsync(WaitLimit, Cancellation);
        (await session.ChildrenAsync("/", Cancellation)).ShouldBe(["zookeeper"]);
    }
}
