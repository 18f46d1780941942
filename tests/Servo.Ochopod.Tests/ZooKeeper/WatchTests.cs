using Servo.Ochopod.ZooKeeper;
using static Servo.Ochopod.Tests.ZooKeeper.ZooKeeperTest;

namespace Servo.Ochopod.Tests.ZooKeeper;

[Collection(nameof(SharedServer))]
public sealed class WatchTests(SharedServer server)
{
    private readonly string _path = NewPath();

    [Fact]
    public async Task Tells_once_that_data_was_set()
    {
        await using var session = await OpenAsync(server.Address);
        await using var other = await OpenAsync(server.Address);
        await session.CreateAsync(_path, "old");

        var (node, changed) = await session.WatchAsync(_path, Cancellation);
        node.Data.ToArray().ShouldBe("old"u8.ToArray());
        changed.IsCompleted.ShouldBeFalse();
        await other.SetAsync(_path, "new");

        (await changed.SoonAsync()).ShouldBe(NodeChange.DataChanged);
        await other.SetAsync(_path, "newer");
        (await session.TextAsync(_path)).ShouldBe("newer");
    }

    [Fact]
    public async Task Tells_that_a_node_was_created_and_then_deleted()
    {
        await using var session = await OpenAsync(server.Address);
        await using var other = await OpenAsync(server.Address);

        var absent = await session.WatchExistenceAsync(_path, Cancellation);
        absent.Value.ShouldBeNull();
        await other.CreateAsync(_path);
        (await absent.Changed.SoonAsync()).ShouldBe(NodeChange.Created);

        var present = await session.WatchExistenceAsync(_path, Cancellation);
        present.Value.ShouldNotBeNull();
        await other.DeleteAsync(_path, -1, Cancellation);
        (await present.Changed.SoonAsync()).ShouldBe(NodeChange.Deleted);
    }

    [Fact]
    public async Task Tells_that_a_child_came_or_went_but_not_what_happens_to_the_node_itself()
    {
        await using var session = await OpenAsync(server.Address);
        await session.CreateAsync(_path);

        var none = await session.WatchChildrenAsync(_path, Cancellation);
        await session.SetAsync(_path, "data");
        none.Changed.IsCompleted.ShouldBeFalse();
        await session.CreateAsync(_path + "/a");
        (await none.Changed.SoonAsync()).ShouldBe(NodeChange.ChildrenChanged);

        var one = await session.WatchChildrenAsync(_path, Cancellation);
        one.Value.ShouldBe(["a"]);
        await session.DeleteAsync(_path + "/a", -1, Cancellation);
        (await one.Changed.SoonAsync()).ShouldBe(NodeChange.ChildrenChanged);
    }

    [Fact]
    public async Task A_deleted_node_fires_every_kind_of_watch()
    {
        await using var session = await OpenAsync(server.Address);
        await session.CreateAsync(_path);

        var data = await session.WatchAsync(_path, Cancellation);
        var again = await session.WatchAsync(_path, Cancellation);
        var existence = await session.WatchExistenceAsync(_path, Cancellation);
        var children = await session.WatchChildrenAsync(_path, Cancellation);
        await session.DeleteAsync(_path, -1, Cancellation);

        (await Task.WhenAll(data.Changed, again.Changed, existence.Changed, children.Changed).WaitAsync(WaitLimit, Cancellation))
            .ShouldAllBe(change => change == NodeChange.Deleted);
    }

    [Fact]
    public async Task Watches_end_with_the_session()
    {
        var session = await OpenAsync(server.Address);
        await session.CreateAsync(_path);
        var watched = await session.WatchAsync(_path, Cancellation);

        await session.DisposeAsync();

        (await watched.Changed.SoonAsync()).ShouldBe(NodeChange.SessionEnded);
    }

    [Fact]
    public async Task Watches_outlive_a_lost_connection_and_tell_what_happened_meanwhile()
    {
        await using var link = new Link(server.Address);
        await using var session = await OpenAsync(link.Address);
        await using var other = await OpenAsync(server.Address);
        await other.CreateAsync(_path);
        await other.CreateAsync(_path + "/later");
        await other.CreateAsync(_path + "/set");
        await other.CreateAsync(_path + "/deleted");

        var later = await session.WatchAsync(_path + "/later", Cancellation);
        var set = await session.WatchAsync(_path + "/set", Cancellation);
        var deleted = await session.WatchAsync(_path + "/deleted", Cancellation);
        var created = await session.WatchExistenceAsync(_path + "/created", Cancellation);
        var children = await session.WatchChildrenAsync(_path, Cancellation);

        link.Cut();
        await session.ReachesAsync(ZooKeeperState.Suspended);
        await other.SetAsync(_path + "/set", "data");
        await other.DeleteAsync(_path + "/deleted", -1, Cancellation);
        await other.CreateAsync(_path + "/created");
        link.Mend();

        (await set.Changed.SoonAsync()).ShouldBe(NodeChange.DataChanged);
        (await deleted.Changed.SoonAsync()).ShouldBe(NodeChange.Deleted);
        (await created.Changed.SoonAsync()).ShouldBe(NodeChange.Created);
        (await children.Changed.SoonAsync()).ShouldBe(NodeChange.ChildrenChanged);
        later.Changed.IsCompleted.ShouldBeFalse();
        await other.SetAsync(_path + "/later", "data");
        (await later.Changed.SoonAsync()).ShouldBe(NodeChange.DataChanged);
    }

    [Fact]
    public async Task More_watches_than_one_frame_holds_are_set_anew()
    {
        const int Count = 700;
        await using var link = new Link(server.Address);
        await using var session = await OpenAsync(link.Address);
        await using var other = await OpenAsync(server.Address);
        var paths = Enumerable.Range(0, Count).Select(n => $"{_path}-{n}-{new string('x', 400)}").ToList();
        var watches = await Task.WhenAll(paths.Select(path => session.WatchExistenceAsync(path, Cancellation)));

        link.Cut();
        await session.ReachesAsync(ZooKeeperState.Suspended);
        link.Mend();
        await session.ExistsAsync("/", Cancellation);
        await Task.WhenAll(paths.Select(path => other.CreateAsync(path)));

        (await Task.WhenAll(watches.Select(watch => watch.Changed)).WaitAsync(WaitLimit, Cancellation)).ShouldAllBe(change => change == NodeChange.Created);
    }
}
