using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Servo.Ochopod.ZooKeeper;

namespace Servo.Ochopod.Tests;

/// <summary>Looks into ZooKeeper.</summary>
internal static class ZooKeeperSessions
{
    public static Task<IZooKeeperSession> OpenAsync(string address) =>
        new ZooKeeperClient(ServerList.Parse(address), TimeSpan.FromSeconds(20), TimeProvider.System, NullLogger<ZooKeeperClient>.Instance)
            .OpenSessionAsync(TestContext.Current.CancellationToken);

    /// <summary>Waits up to half a minute until a node's data is as wanted.</summary>
    public static async Task BecomesAsync(this IZooKeeperSession session, string path, Func<string, bool> isWanted)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));

        while (true)
        {
            try
            {
                var node = await session.WatchAsync(path, limit.Token);

                if (isWanted(Encoding.UTF8.GetString(node.Value.Data.Span)))
                    return;

                await node.Changed.WaitAsync(limit.Token);
            }
            catch (ZooKeeperException e) when (e.Code == ZooKeeperError.NoNode)
            {
                var absence = await session.WatchExistenceAsync(path, limit.Token);

                if (absence.Value is null)
                    await absence.Changed.WaitAsync(limit.Token);
            }
        }
    }

    /// <summary>What stands in each new child when it is first seen.</summary>
    public static async Task<Dictionary<string, string>> EveryRegistrationAsync(this IZooKeeperSession session, string path, int count)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var seen = new Dictionary<string, string>();
        await session.EnsurePathAsync(path, limit.Token);

        while (seen.Count < count)
        {
            var children = await session.WatchChildrenAsync(path, limit.Token);

            foreach (var child in children.Value.Where(child => !seen.ContainsKey(child)))
                seen[child] = Encoding.UTF8.GetString((await session.GetAsync($"{path}/{child}", limit.Token)).Data.Span);

            if (seen.Count < count)
                await children.Changed.WaitAsync(limit.Token);
        }

        return seen;
    }
}
