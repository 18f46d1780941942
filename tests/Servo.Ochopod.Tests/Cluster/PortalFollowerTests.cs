using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Servo.Application.Portal;
using Servo.Ochopod.Cluster;
using Servo.Ochopod.ZooKeeper;

namespace Servo.Ochopod.Tests.Cluster;

/// <summary>What is known of the portal, and of why nothing is.</summary>
public sealed class PortalFollowerTests : IPodClient, IZooKeeper
{
    private const string Snapshot = """{"a": {"ip": "127.0.0.1", "port": "8080", "ports": {"8080": 1, "9000": 2}, "seq": 0}}""";

    private readonly FakeTimeProvider _time = new();
    private readonly PortalFollower _portal;
    private string? _token = "old";
    private int _asked;

    public PortalFollowerTests() =>
        _portal = new PortalFollower(
            new PodIdentity(Guid.NewGuid(), "marathon", "servo", new Dictionary<string, JsonNode?>()), this, this, _time,
            NullLogger<PortalFollower>.Instance);

    public string? WhyUnreachable { get; private set; }

    [Fact]
    public void Says_that_ZooKeeper_did_not_answer_rather_than_that_there_is_no_portal()
    {
        _portal.WhyNone.ShouldBe("ZooKeeper has not told yet where the portal is");
        _portal.WhyOutdated.ShouldBeNull();

        WhyUnreachable = "ZooKeeper cannot be reached at a:1 (connection refused)";

        _portal.WhyNone.ShouldBe("ZooKeeper cannot be reached at a:1 (connection refused), so no portal is known");
        _portal.WhyOutdated.ShouldBe("ZooKeeper cannot be reached at a:1 (connection refused), so it may have moved");
    }

    [Fact]
    public async Task Finds_the_token_that_the_portal_has_by_now()
    {
        var known = await FollowAsync();
        _token = "new";

        var renewed = await _portal.RenewAsync(known, TestContext.Current.CancellationToken);

        renewed.ShouldBe(new PortalTarget(new Uri("http://127.0.0.1:2/"), "new"));
        _portal.Current.ShouldBe(renewed);
        _asked.ShouldBe(2);

        // Another command that was refused at the same time need not ask.
        (await _portal.RenewAsync(known, TestContext.Current.CancellationToken)).ShouldBe(renewed);
        _asked.ShouldBe(2);
    }

    [Fact]
    public async Task Finds_nothing_where_the_portal_says_that_the_token_is_right()
    {
        (await _portal.RenewAsync(await FollowAsync(), TestContext.Current.CancellationToken)).ShouldBeNull();
        _asked.ShouldBe(2);
    }

    [Fact]
    public async Task Waits_for_a_portal_that_is_about_to_answer_but_not_for_long()
    {
        var known = await FollowAsync();
        _token = null;

        var renewing = _portal.RenewAsync(known, TestContext.Current.CancellationToken);
        renewing.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(6));

        (await renewing).ShouldBeNull();
        _portal.Current.ShouldBe(known);
    }

    Task<JsonObject?> IPodClient.InfoAsync(PodRegistration pod, CancellationToken cancellationToken)
    {
        _asked++;
        return Task.FromResult(_token is null ? null : new JsonObject { ["metrics"] = new JsonObject { ["token"] = _token } });
    }

    Task<int?> IPodClient.ControlAsync(PodRegistration pod, string task, JsonObject payload, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    Task<IZooKeeperSession> IZooKeeper.OpenSessionAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Follows until the portal was found once, and no further.</summary>
    private async Task<PortalTarget> FollowAsync()
    {
        using var end = new CancellationTokenSource();
        var changed = _portal.Changed;
        var following = _portal.FollowAsync(new Session(), end.Token);
        await changed.WaitAsync(TestContext.Current.CancellationToken);
        await end.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => following);
        return _portal.Current!;
    }

    /// <summary>Shows the portal's snapshot, which never changes.</summary>
    private sealed class Session : IZooKeeperSession
    {
        public long Id => 1;

        public TimeSpan Timeout => TimeSpan.FromSeconds(5);

        public ZooKeeperState State => ZooKeeperState.Connected;

        public CancellationToken Ended => CancellationToken.None;

        public Task<Watched<ZooKeeperNode>> WatchAsync(string path, CancellationToken cancellationToken) =>
            Task.FromResult(new Watched<ZooKeeperNode>(new ZooKeeperNode(System.Text.Encoding.UTF8.GetBytes(Snapshot), new NodeStat(0, 0, default, default, 0, 0, 0, 0, 0, 0)), new TaskCompletionSource<NodeChange>().Task));

        public IAsyncEnumerable<ZooKeeperState> StatesAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<string> CreateAsync(string path, ReadOnlyMemory<byte> data, NodeKind kind, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<ZooKeeperNode> GetAsync(string path, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<NodeStat> SetAsync(string path, ReadOnlyMemory<byte> data, int version, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<NodeStat?> ExistsAsync(string path, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<Watched<NodeStat?>> WatchExistenceAsync(string path, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<string>> ChildrenAsync(string path, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<Watched<IReadOnlyList<string>>> WatchChildrenAsync(string path, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task DeleteAsync(string path, int version, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
