using Servo.Ochopod.ZooKeeper;
using static Servo.Ochopod.Tests.ZooKeeper.ZooKeeperTest;

namespace Servo.Ochopod.Tests.ZooKeeper;

[Collection(nameof(SharedServer))]
public sealed class CallTests(SharedServer server)
{
    private readonly string _path = NewPath();

    [Fact]
    public async Task A_node_is_created_read_set_and_deleted()
    {
        await using var session = await OpenAsync(server.Address);
        var before = DateTimeOffset.UtcNow.AddSeconds(-1);

        (await session.CreateAsync(_path, "first")).ShouldBe(_path);
        (await session.TextAsync(_path)).ShouldBe("first");
        var set = await session.SetAsync(_path, "second", 0);
        var node = await session.GetAsync(_path, Cancellation);

        node.Stat.ShouldBe(set);
        node.Data.ToArray().ShouldBe("second"u8.ToArray());
        (set.Version, set.EphemeralOwner, set.DataLength, set.ChildrenCount).ShouldBe((1, 0, 6, 0));
        set.Modified.ShouldBeGreaterThan(set.Created);
        set.ModifiedAt.ShouldBeInRange(before, DateTimeOffset.UtcNow.AddSeconds(1));

        await session.DeleteAsync(_path, 1, Cancellation);
        (await session.ExistsAsync(_path, Cancellation)).ShouldBeNull();
    }

    [Fact]
    public async Task A_node_has_children()
    {
        await using var session = await OpenAsync(server.Address);
        await session.CreateAsync(_path);
        (await session.ChildrenAsync(_path, Cancellation)).ShouldBeEmpty();

        await session.CreateAsync(_path + "/a");
        await session.CreateAsync(_path + "/ü");

        (await session.ChildrenAsync(_path, Cancellation)).ShouldBe(["a", "ü"], ignoreOrder: true);
        var stat = (await session.ExistsAsync(_path, Cancellation)).ShouldNotBeNull();
        (stat.ChildrenCount, stat.ChildrenVersion).ShouldBe((2, 2));
    }

    [Fact]
    public async Task Errors_name_the_code_the_operation_and_the_path()
    {
        await using var session = await OpenAsync(server.Address);
        await session.CreateAsync(_path);
        await session.CreateAsync(_path + "/child", kind: NodeKind.Ephemeral);

        var error = await ErrorOfAsync(() => session.GetAsync(_path + "/none", Cancellation));
        (error.Code, error.Path, error.Message).ShouldBe((ZooKeeperError.NoNode, _path + "/none", $"ZooKeeper: get '{_path}/none' failed: NoNode."));

        (await ErrorOfAsync(() => session.CreateAsync(_path))).Code.ShouldBe(ZooKeeperError.NodeExists);
        (await ErrorOfAsync(() => session.CreateAsync(_path + "/none/child"))).Code.ShouldBe(ZooKeeperError.NoNode);
        (await ErrorOfAsync(() => session.CreateAsync(_path + "/child/child"))).Code.ShouldBe(ZooKeeperError.NoChildrenForEphemerals);
        (await ErrorOfAsync(() => session.CreateAsync(_path + "/.."))).Code.ShouldBe(ZooKeeperError.BadArguments);
        (await ErrorOfAsync(() => session.SetAsync(_path, "", 7))).Code.ShouldBe(ZooKeeperError.BadVersion);
        (await ErrorOfAsync(() => session.SetAsync(_path + "/none", ""))).Code.ShouldBe(ZooKeeperError.NoNode);
        (await ErrorOfAsync(() => session.ChildrenAsync(_path + "/none", Cancellation))).Code.ShouldBe(ZooKeeperError.NoNode);
        (await ErrorOfAsync(() => session.WatchAsync(_path + "/none", Cancellation))).Code.ShouldBe(ZooKeeperError.NoNode);
        (await ErrorOfAsync(() => session.DeleteAsync(_path, -1, Cancellation))).Code.ShouldBe(ZooKeeperError.NotEmpty);
        (await ErrorOfAsync(() => session.DeleteAsync(_path + "/child", 7, Cancellation))).Code.ShouldBe(ZooKeeperError.BadVersion);
    }

    [Fact]
    public async Task Sequential_nodes_are_numbered_for_each_parent()
    {
        await using var session = await OpenAsync(server.Address);
        await session.CreateAsync(_path);

        (await session.CreateAsync(_path + "/a.", kind: NodeKind.Sequential)).ShouldBe(_path + "/a.0000000000");
        (await session.CreateAsync(_path + "/b.", kind: NodeKind.Sequential | NodeKind.Ephemeral)).ShouldBe(_path + "/b.0000000001");
        (await session.ExistsAsync(_path + "/b.0000000001", Cancellation))!.EphemeralOwner.ShouldBe(session.Id);
    }

    [Fact]
    public async Task A_path_is_ensured_whatever_is_there_of_it()
    {
        await using var session = await OpenAsync(server.Address);

        await session.EnsurePathAsync(_path + "/a/b", Cancellation);
        await session.EnsurePathAsync(_path + "/a/b", Cancellation);
        await session.EnsurePathAsync(_path + "/a/c", Cancellation);

        (await session.ChildrenAsync(_path + "/a", Cancellation)).ShouldBe(["b", "c"], ignoreOrder: true);
    }

    [Fact]
    public async Task Data_may_be_empty_or_nearly_as_large_as_a_frame()
    {
        await using var session = await OpenAsync(server.Address);
        var large = new byte[1024 * 1024 - 1000];
        Random.Shared.NextBytes(large);

        await session.CreateAsync(_path);
        (await session.GetAsync(_path, Cancellation)).Data.Length.ShouldBe(0);
        await session.SetAsync(_path, large, -1, Cancellation);
        (await session.GetAsync(_path, Cancellation)).Data.ToArray().ShouldBe(large);
    }

    [Fact]
    public async Task A_call_that_a_server_would_hang_up_on_is_not_sent()
    {
        await using var session = await OpenAsync(server.Address);

        var error = await ErrorOfAsync(() => session.CreateAsync(_path, new byte[1024 * 1024], NodeKind.Persistent, Cancellation));

        error.Code.ShouldBe(ZooKeeperError.Marshalling);
        (await session.ExistsAsync(_path, Cancellation)).ShouldBeNull();
        session.State.ShouldBe(ZooKeeperState.Connected);
    }

    [Fact]
    public async Task A_thousand_calls_at_once_are_carried_out_in_order()
    {
        await using var session = await OpenAsync(server.Address);
        await session.CreateAsync(_path);

        var creating = Enumerable.Range(0, 1000).Select(_ => session.CreateAsync(_path + "/n", kind: NodeKind.Sequential)).ToList();
        var last = session.ChildrenAsync(_path, Cancellation);

        (await Task.WhenAll(creating)).ShouldBe(Enumerable.Range(0, 1000).Select(n => $"{_path}/n{n:D10}"));
        (await last).Count.ShouldBe(1000);
    }

    [Fact]
    public async Task A_call_that_is_cancelled_disturbs_no_other()
    {
        await using var session = await OpenAsync(server.Address);
        using var cancel = new CancellationTokenSource();

        var first = session.CreateAsync(_path, "data");
        var cancelled = session.WatchAsync(_path, cancel.Token);
        var second = session.TextAsync(_path);
        await cancel.CancelAsync();

        await first;
        (await second).ShouldBe("data");
        (await Record.ExceptionAsync(() => cancelled))?.ShouldBeAssignableTo<OperationCanceledException>();
        await Should.ThrowAsync<OperationCanceledException>(() => session.GetAsync(_path, new CancellationToken(canceled: true)));
        (await session.TextAsync(_path)).ShouldBe("data");
    }
}
