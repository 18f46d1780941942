using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Servo.Ochopod.ZooKeeper;
using static Servo.Ochopod.Tests.ZooKeeper.ZooKeeperTest;

namespace Servo.Ochopod.Tests.ZooKeeper;

[Collection(nameof(SharedServer))]
public sealed class SessionTests(SharedServer server)
{
    private readonly string _path = NewPath();

    [Fact]
    public async Task A_session_is_kept_up_while_nothing_is_asked()
    {
        await using var session = await OpenAsync(server.Address, ShortTimeout);
        await session.CreateAsync(_path, kind: NodeKind.Ephemeral);

        await Task.Delay(ShortTimeout * 2, Cancellation);

        session.Timeout.ShouldBe(ShortTimeout);
        session.State.ShouldBe(ZooKeeperState.Connected);
        (await session.ExistsAsync(_path, Cancellation))!.EphemeralOwner.ShouldBe(session.Id);
    }

    [Fact]
    public async Task Ephemeral_nodes_vanish_at_once_when_the_session_is_closed()
    {
        await using var other = await OpenAsync(server.Address);
        var session = await OpenAsync(server.Address, TimeSpan.FromSeconds(40));
        await session.CreateAsync(_path, kind: NodeKind.Ephemeral);
        var watched = await other.WatchExistenceAsync(_path, Cancellation);

        await session.DisposeAsync();

        (await watched.Changed.WaitAsync(TimeSpan.FromSeconds(5), Cancellation)).ShouldBe(NodeChange.Deleted);
        (session.State, session.Ended.IsCancellationRequested).ShouldBe((ZooKeeperState.Closed, true));
        (await ErrorOfAsync(() => session.GetAsync("/", Cancellation))).Code.ShouldBe(ZooKeeperError.SessionExpired);
        await session.DisposeAsync();
    }

    [Fact]
    public async Task Ephemeral_nodes_of_a_client_that_is_cut_off_vanish_after_the_time_out_and_the_client_has_known_it_before()
    {
        await using var link = new Link(server.Address);
        await using var other = await OpenAsync(server.Address);
        await using var session = await OpenAsync(link.Address, ShortTimeout);
        await session.CreateAsync(_path, kind: NodeKind.Ephemeral);
        var watched = await other.WatchExistenceAsync(_path, Cancellation);
        var ended = new TaskCompletionSource();
        await using var registration = session.Ended.Register(ended.SetResult);

        link.Cut();
        await session.ReachesAsync(ZooKeeperState.Suspended);
        var waiting = session.GetAsync(_path, Cancellation);

        (await Task.WhenAny(ended.Task, watched.Changed).WaitAsync(WaitLimit, Cancellation)).ShouldBe(ended.Task);
        (await watched.Changed.SoonAsync()).ShouldBe(NodeChange.Deleted);
        (await ErrorOfAsync(() => waiting)).Code.ShouldBe(ZooKeeperError.SessionExpired);
        session.State.ShouldBe(ZooKeeperState.Expired);
    }

    [Fact]
    public async Task A_lost_connection_comes_back_with_the_same_session_and_calls_wait_for_it()
    {
        await using var link = new Link(server.Address);
        await using var session = await OpenAsync(link.Address);
        await session.CreateAsync(_path, "data", NodeKind.Ephemeral);

        link.Cut();
        await session.ReachesAsync(ZooKeeperState.Suspended);
        var reading = session.TextAsync(_path);
        link.Mend();

        (await reading).ShouldBe("data");
        session.State.ShouldBe(ZooKeeperState.Connected);
    }

    [Fact]
    public async Task A_session_that_lost_its_connection_is_closed_all_the_same_if_the_way_is_mended_in_time()
    {
        await using var link = new Link(server.Address);
        await using var other = await OpenAsync(server.Address);
        var session = await OpenAsync(link.Address, TimeSpan.FromSeconds(40));
        await session.CreateAsync(_path, kind: NodeKind.Ephemeral);

        link.Cut();
        await session.ReachesAsync(ZooKeeperState.Suspended);
        var closing = session.DisposeAsync();
        link.Mend();
        await closing;

        await other.VanishesAsync(_path).WaitAsync(TimeSpan.FromSeconds(5), Cancellation);
    }

    [Fact]
    public async Task A_session_that_another_connection_closed_has_expired()
    {
        await using var link = new Link(server.Address);
        var connector = new Connector(ServerList.Parse(link.Address), TimeProvider.System, NullLogger.Instance);
        var connection = await connector.ConnectAsync(SessionTicket.New(LongTimeout), new Backoff(LongTimeout, TimeProvider.System), Cancellation);
        await using var session = new ZooKeeperSession(connection, connector, TimeProvider.System, NullLogger.Instance);
        await session.CreateAsync(_path, kind: NodeKind.Ephemeral);
        var watched = await session.WatchAsync(_path, Cancellation);

        link.Cut();
        await session.ReachesAsync(ZooKeeperState.Suspended);
        var taken = await Connection.OpenAsync(new DnsEndPoint("127.0.0.1", server.Port), connection.Ticket, TimeProvider.System, Cancellation);
        await new ZooKeeperSession(taken, connector, TimeProvider.System, NullLogger.Instance).DisposeAsync();
        var waiting = session.GetAsync(_path, Cancellation);
        link.Mend();

        (await ErrorOfAsync(() => waiting)).Code.ShouldBe(ZooKeeperError.SessionExpired);
        (await watched.Changed.SoonAsync()).ShouldBe(NodeChange.SessionEnded);
        (session.State, session.Ended.IsCancellationRequested).ShouldBe((ZooKeeperState.Expired, true));
        (await ErrorOfAsync(() => session.CreateAsync(_path))).Code.ShouldBe(ZooKeeperError.SessionExpired);

        await using var next = await OpenAsync(server.Address);
        await next.CreateAsync(_path, kind: NodeKind.Ephemeral);
        next.Id.ShouldNotBe(session.Id);
    }

    [Fact]
    public async Task The_states_are_told_in_order_and_none_is_left_out()
    {
        await using var link = new Link(server.Address);
        var session = await OpenAsync(link.Address);
        var states = new List<ZooKeeperState>();

        await foreach (var state in session.StatesAsync(Cancellation))
        {
            states.Add(state);

            if (states.Count == 1)
            {
                link.Cut();
                await session.ReachesAsync(ZooKeeperState.Suspended);
                link.Mend();
                await session.ExistsAsync("/", Cancellation);
                await session.DisposeAsync();
            }
        }

        states.ShouldBe([ZooKeeperState.Connected, ZooKeeperState.Suspended, ZooKeeperState.Connected, ZooKeeperState.Closed]);
    }
}
