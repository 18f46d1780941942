using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Servo.Ochopod.ZooKeeper;
using Servo.Testing;

namespace Servo.Ochopod.Tests.ZooKeeper;

/// <summary>A server that the tests of calls and sessions share; those that kill one start their own.</summary>
public sealed class SharedServer : IAsyncLifetime
{
    private ZooKeeperServer? _server;

    public string Address => _server!.Address;

    public int Port => _server!.Port;

    public async ValueTask InitializeAsync() => _server = await ZooKeeperServer.StartAsync();

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? default;
}

[CollectionDefinition(nameof(SharedServer))]
public sealed class SharedServerTests : ICollectionFixture<SharedServer>;

/// <summary>Shorthands for what tests do with sessions.</summary>
internal static class ZooKeeperTest
{
    public static readonly TimeSpan LongTimeout = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan ShortTimeout = TimeSpan.FromMilliseconds(900);
    public static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(30);

    private static int _last;

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A path that no other test uses.</summary>
    public static string NewPath() => $"/test-{Interlocked.Increment(ref _last)}";

    public static ZooKeeperClient Client(string servers, TimeSpan timeout) =>
        new(ServerList.Parse(servers), timeout, TimeProvider.System, NullLogger<ZooKeeperClient>.Instance);

    public static Task<IZooKeeperSession> OpenAsync(string servers) => OpenAsync(servers, LongTimeout);

    public static Task<IZooKeeperSession> OpenAsync(string servers, TimeSpan timeout) =>
        Client(servers, timeout).OpenSessionAsync(Cancellation).WaitAsync(WaitLimit, Cancellation);

    public static Task<string> CreateAsync(this IZooKeeperSession session, string path, string data = "", NodeKind kind = NodeKind.Persistent) =>
        session.CreateAsync(path, Encoding.UTF8.GetBytes(data), kind, Cancellation);

    public static Task<NodeStat> SetAsync(this IZooKeeperSession session, string path, string data, int version = -1) =>
        session.SetAsync(path, Encoding.UTF8.GetBytes(data), version, Cancellation);

    public static async Task<string> TextAsync(this IZooKeeperSession session, string path) =>
        Encoding.UTF8.GetString((await session.GetAsync(path, Cancellation)).Data.Span);

    public static async Task<ZooKeeperException> ErrorOfAsync(Func<Task> call) => await Should.ThrowAsync<ZooKeeperException>(call);

    public static Task<NodeChange> SoonAsync(this Task<NodeChange> changed) => changed.WaitAsync(WaitLimit, Cancellation);

    /// <summary>Waits until the session is, or was, in a state.</summary>
    public static async Task ReachesAsync(this IZooKeeperSession session, ZooKeeperState state)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(WaitLimit);

        await foreach (var reached in session.StatesAsync(limit.Token))
        {
            if (reached == state)
                return;
        }

        throw new InvalidOperationException($"The session ended as {session.State}.");
    }

    /// <summary>Waits until a node is gone, told by its watch.</summary>
    public static async Task VanishesAsync(this IZooKeeperSession session, string path)
    {
        while (await session.WatchExistenceAsync(path, Cancellation) is { Value: not null } watched)
            await watched.Changed.SoonAsync();
    }
}
