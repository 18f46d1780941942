using System.Diagnostics;
using System.Text;
using Servo.Ochopod.ZooKeeper;
using static Servo.Ochopod.Tests.ZooKeeper.ZooKeeperTest;

namespace Servo.Ochopod.Tests.ZooKeeper;

public sealed class HostileServerTests
{
    public static TheoryData<string, byte[]> Greetings => new()
    {
        { "text", Encoding.ASCII.GetBytes("HTTP/1.1 400 Bad Request\r\n\r\n") },
        { "a frame of 2 GiB", [0x7F, 0xFF, 0xFF, 0xFF, 0, 0] },
        { "a frame of negative length", [0xFF, 0xFF, 0xFF, 0xFF] },
        { "an empty frame", [0, 0, 0, 0] },
        { "a password of 2 GiB", new JuteWriter().Int(0).Int(5000).Long(7).Int(int.MaxValue).ToFrame() },
        { "a session of no length", new JuteWriter().Int(0).Int(0).Long(0).Buffer(new byte[16]).ToFrame() },
        { "a session that is always to be kept up", new JuteWriter().Int(0).Int(1).Long(7).Buffer(new byte[16]).ToFrame() },
    };

    // Each is the answer to the first request.
    public static TheoryData<string, byte[]> Answers => new()
    {
        { "a frame of 2 GiB", [0x7F, 0xFF, 0xFF, 0xFF] },
        { "a frame that ends within its head", [0, 0, 0, 2, 0, 0] },
        { "the answer to another request", new JuteWriter().Int(99).Long(1).Int(0).ToFrame() },
        { "a thousand million children", new JuteWriter().Int(1).Long(1).Int(0).Int(1_000_000_000).ToFrame() },
        { "a name of 2 GiB", new JuteWriter().Int(1).Long(1).Int(0).Int(1).Int(int.MaxValue).ToFrame() },
        { "a name of negative length", new JuteWriter().Int(1).Long(1).Int(0).Int(1).Int(-2).ToFrame() },
        { "an event without a path", new JuteWriter().Int(-1).Long(-1).Int(0).Int(3).Int(3).ToFrame() },
    };

    [Theory]
    [MemberData(nameof(Greetings), DisableDiscoveryEnumeration = true)]
    public async Task A_server_that_greets_with_something_else_than_a_session_is_left_for_another(string what, byte[] greeting)
    {
        await using var hostile = new FakeServer((stream, _) => stream.WriteAsync(greeting).AsTask());
        await using var good = new FakeServer((stream, _) => hostile!.Connections == 0 ? Task.CompletedTask : FakeServer.GrantAsync(stream, ShortTimeout));

        var session = await OpenAsync($"{hostile.Address},{good.Address}", TimeSpan.FromMilliseconds(600));

        session.Id.ShouldBe(4711, what);
        hostile.Connections.ShouldBeGreaterThan(0);
        await session.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Answers), DisableDiscoveryEnumeration = true)]
    public async Task A_server_that_answers_nonsense_is_dropped(string what, byte[] answer)
    {
        await using var server = new FakeServer(async (stream, number) =>
        {
            await FakeServer.GrantAsync(stream, ShortTimeout);

            if (number > 0)
                return;

            await FakeServer.ReadFrameAsync(stream);
            await stream.WriteAsync(answer);
        });
        var session = await OpenAsync(server.Address, ShortTimeout);

        var error = await ErrorOfAsync(() => session.ChildrenAsync("/", Cancellation));

        error.Code.ShouldBeOneOf([ZooKeeperError.ConnectionLoss, ZooKeeperError.Marshalling], what);
        await session.ReachesAsync(ZooKeeperState.Suspended);
        await session.DisposeAsync();
    }

    [Fact]
    public async Task A_server_that_accepts_and_never_answers_is_left_for_another()
    {
        await using var silent = new FakeServer((_, _) => Task.CompletedTask);
        await using var good = new FakeServer((stream, _) => silent!.Connections == 0 ? Task.CompletedTask : FakeServer.GrantAsync(stream, ShortTimeout));

        var session = await OpenAsync($"{silent.Address},{good.Address}", TimeSpan.FromMilliseconds(600));

        session.Id.ShouldBe(4711);
        await session.DisposeAsync();
    }

    [Fact]
    public async Task A_server_that_falls_silent_loses_the_connection_and_then_the_session_no_later_than_it_would_end_it()
    {
        await using var server = new FakeServer(async (stream, number) =>
        {
            if (number == 0)
                await FakeServer.GrantAsync(stream, ShortTimeout);
        });
        var clock = Stopwatch.StartNew(); // before the session's own: it counts from its request
        await using var session = await OpenAsync(server.Address, ShortTimeout);

        var underWay = await ErrorOfAsync(() => session.GetAsync("/", Cancellation));
        var lostAfter = clock.Elapsed;
        var waiting = session.GetAsync("/", Cancellation);
        var expired = await ErrorOfAsync(() => waiting);
        var endedAfter = clock.Elapsed;

        underWay.Code.ShouldBe(ZooKeeperError.ConnectionLoss);
        underWay.Message.ShouldContain("it has not answered for 0.6 s");
        expired.Code.ShouldBe(ZooKeeperError.SessionExpired);
        session.State.ShouldBe(ZooKeeperState.Expired);
        session.Ended.IsCancellationRequested.ShouldBeTrue();
        lostAfter.ShouldBeGreaterThan(ShortTimeout / 2);
        endedAfter.ShouldBeGreaterThan(ShortTimeout * 0.9);
    }

    [Fact]
    public async Task A_server_that_grants_and_hangs_up_is_asked_ever_more_slowly()
    {
        await using var server = new FakeServer(async (stream, _) =>
        {
            await FakeServer.GrantAsync(stream, LongTimeout);
            stream.Close();
        });
        var session = await OpenAsync(server.Address);

        await Task.Delay(1000, Cancellation);

        server.Connections.ShouldBeInRange(2, 10);
        await session.DisposeAsync();
    }

    [Fact]
    public async Task A_call_can_be_cancelled_under_way_and_while_it_waits_for_a_connection()
    {
        var leave = new TaskCompletionSource();
        await using var server = new FakeServer(async (stream, number) =>
        {
            if (number > 0)
                return;

            await FakeServer.GrantAsync(stream, LongTimeout);
            await leave.Task;
            stream.Close();
        });
        var session = await OpenAsync(server.Address);

        using var first = new CancellationTokenSource();
        var underWay = session.GetAsync("/", first.Token);
        await first.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => underWay);
        session.State.ShouldBe(ZooKeeperState.Connected);

        leave.SetResult();
        await session.ReachesAsync(ZooKeeperState.Suspended);
        using var second = new CancellationTokenSource();
        var waiting = session.GetAsync("/", second.Token);
        await second.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => waiting);
        await session.DisposeAsync();
    }

    [Fact]
    public async Task Opening_can_be_cancelled_and_closing_takes_two_seconds_at_most()
    {
        await using var silent = new FakeServer((_, _) => Task.CompletedTask);
        await using var granting = new FakeServer((stream, _) => FakeServer.GrantAsync(stream, LongTimeout));
        using var cancel = new CancellationTokenSource();
        var session = await OpenAsync(granting.Address);
        var opening = Client(silent.Address, LongTimeout).OpenSessionAsync(cancel.Token);
        var clock = Stopwatch.StartNew();

        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => opening);
        await session.DisposeAsync();

        clock.Elapsed.ShouldBeInRange(TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(5));
        session.State.ShouldBe(ZooKeeperState.Closed);
    }
}
