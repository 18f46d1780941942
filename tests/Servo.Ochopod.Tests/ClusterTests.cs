using System.Text.Json;
using Servo.Ochopod.ZooKeeper;
using Servo.Testing;

namespace Servo.Ochopod.Tests;

/// <summary>Several pods, and what becomes of them when one, or ZooKeeper, goes away.</summary>
public sealed class ClusterTests : IAsyncLifetime
{
    private readonly TempDirectory _folder = new();
    private ZooKeeperServer _zooKeeper = null!;
    private Toolset _tools = null!;

    public async ValueTask InitializeAsync()
    {
        _zooKeeper = await ZooKeeperServer.StartAsync();
        _tools = new Toolset(_zooKeeper.Address, _folder.Path);
    }

    public async ValueTask DisposeAsync()
    {
        await _zooKeeper.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task One_of_two_pods_leads_and_the_other_takes_over_when_it_is_killed()
    {
        await using var portal = await Portal.StartAsync(_zooKeeper.Address, "");
        await using var first = await Pod.StartAsync(_zooKeeper.Address);
        await first.ReachesAsync("leader");
        await using var second = await Pod.StartAsync(_zooKeeper.Address);
        await _tools.UntilAsync("ls *servo", found => found.GetProperty("marathon.servo").GetProperty("total").GetInt32() == 2);
        await SnapshotHasAsync(0, 1);

        var both = await _tools.JsonAsync("grep *servo");
        both.GetProperty("marathon.servo #0").GetProperty("state").GetString().ShouldBe("leader");
        both.GetProperty("marathon.servo #1").GetProperty("state").GetString().ShouldBe("follower");
        await second.Host.LogsAsync("The pod was told to on: Done");

        await first.KillAsync();
        await second.ReachesAsync("leader");

        await SnapshotHasAsync(1);
        (await _tools.JsonAsync("grep *servo")).EnumerateObject().Select(pod => pod.Name).ShouldBe(["marathon.servo #1"]);
    }

    [Fact]
    public async Task A_pod_that_is_not_to_start_stays_off_in_its_cluster_until_it_is_turned_on()
    {
        await using var portal = await Portal.StartAsync(_zooKeeper.Address, "");
        await using var pod = await Pod.StartAsync(_zooKeeper.Address, ("ochopod_start", "false"));
        using var http = new HttpClient();

        // Configured by itself, and again with a second pod.
        await pod.ReachesAsync("leader");
        (await http.GetAsync(new Uri($"{pod.Host.Url}/ready"), TestContext.Current.CancellationToken)).StatusCode.ShouldBe(
            System.Net.HttpStatusCode.ServiceUnavailable);
        await using var second = await Pod.StartAsync(_zooKeeper.Address, ("ochopod_start", "false"));
        await SnapshotHasAsync(0, 1);
        await second.Host.LogsAsync("The pod was told to on: Done");
        (await _tools.JsonAsync("grep *servo")).EnumerateObject().Select(found => found.Value.GetProperty("process").GetString()).ShouldBe(
            ["stopped", "stopped"]);
        (await _tools.JsonAsync("ls *servo")).GetProperty("marathon.servo").ToString().ShouldBe("""{"total": 2, "running": 0, "status": ""}""");

        (await _tools.RunAsync("on *servo -i 0")).ExitCode.ShouldBe(0);
        var both = await _tools.JsonAsync("grep *servo");
        both.GetProperty("marathon.servo #0").GetProperty("process").GetString().ShouldBe("running");
        both.GetProperty("marathon.servo #1").GetProperty("process").GetString().ShouldBe("stopped");
        (await http.GetAsync(new Uri($"{pod.Host.Url}/ready"), TestContext.Current.CancellationToken)).StatusCode.ShouldBe(System.Net.HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_pod_that_registers_never_shows_a_node_without_its_number()
    {
        await using var session = await ZooKeeperSessions.OpenAsync(_zooKeeper.Address);
        var watching = session.EveryRegistrationAsync("/ochopod/clusters/marathon.servo/pods", count: 3);

        await using var a = await Pod.StartAsync(_zooKeeper.Address);
        await using var b = await Pod.StartAsync(_zooKeeper.Address);
        await using var c = await Pod.StartAsync(_zooKeeper.Address);

        foreach (var (name, first) in await watching)
        {
            var registration = JsonDocument.Parse(first).RootElement;
            registration.GetProperty("seq").GetInt32().ShouldBe(int.Parse(name[^10..], System.Globalization.CultureInfo.InvariantCulture));
            registration.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal).ShouldBe(
                ["application", "cluster", "debug", "fwk", "ip", "local", "namespace", "node", "port", "ports", "public", "seq", "start", "task", "zk"]);
            registration.EnumerateObject().ShouldAllBe(
                member => member.Name == "seq" || member.Name == "ports" || member.Value.ValueKind == JsonValueKind.String);
        }
    }

    [Fact]
    public async Task Without_ZooKeeper_the_gateway_serves_and_joins_when_it_comes()
    {
        await _zooKeeper.KillAsync();
        await using var pod = await Pod.StartAsync(_zooKeeper.Address);
        using var http = new HttpClient();

        (await http.GetAsync(new Uri($"{pod.Host.Url}/ready"), TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        JsonDocument.Parse((await pod.PostAsync("info")).Body).RootElement.GetProperty("state").GetString().ShouldBe("follower");

        await _zooKeeper.StartAgainAsync();
        await pod.ReachesAsync("leader (configuration pending)");
        (await _tools.JsonAsync("ls *servo")).GetProperty("marathon.servo").GetProperty("total").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task After_an_outage_of_ZooKeeper_the_pod_is_back_under_its_number()
    {
        await using var portal = await Portal.StartAsync(_zooKeeper.Address, "");
        await using var pod = await Pod.StartAsync(_zooKeeper.Address);
        await pod.ReachesAsync("leader");

        // Longer than the session's five seconds, so that the pod has to begin a new one.
        await _zooKeeper.KillAsync();
        await Pod.SoonAsync(() => pod.Host.Log.Contains("Out of the cluster", StringComparison.Ordinal));
        await _zooKeeper.StartAgainAsync();

        await Pod.SoonAsync(() => pod.Host.Log.Split("Registered as").Length == 3);
        await _tools.UntilAsync("grep *servo", found => found.TryGetProperty("marathon.servo #0", out _) && found.EnumerateObject().Count() == 1);
    }

    [Fact]
    public async Task The_node_of_a_pod_that_died_does_not_hold_the_tools_up_and_the_leader_waits_for_it_to_go()
    {
        await using var portal = await Portal.StartAsync(_zooKeeper.Address, "");
        await using var session = await ZooKeeperSessions.OpenAsync(_zooKeeper.Address);
        await using var pod = await Pod.StartAsync(_zooKeeper.Address);
        await pod.ReachesAsync("leader");
        var stale = await session.CreateAsync("/ochopod/clusters/marathon.servo/pods/0b9f1d3a-5a3f-4f0e-9a53-1d3f8a1f1f1f.",
            """{"ip": "127.0.0.1", "port": "8080", "ports": {"8080": 9}, "seq": 7}"""u8.ToArray(), NodeKind.Sequential, TestContext.Current.CancellationToken);

        await pod.ReachesAsync("leader (configuration pending)");
        (await _tools.JsonAsync("grep *servo")).EnumerateObject().Select(found => found.Name).ShouldBe(["marathon.servo #0"]);

        await session.DeleteAsync(stale, -1, TestContext.Current.CancellationToken);
        await pod.ReachesAsync("leader");
    }

    [Fact]
    public async Task A_pod_that_was_killed_is_not_shown_to_the_clusters_that_depend_on_it()
    {
        await using var portal = await Portal.StartAsync(_zooKeeper.Address, "");
        await using var killed = await Pod.StartAsync(_zooKeeper.Address);
        await killed.ReachesAsync("leader");
        (await _tools.RunAsync("kill *servo --force")).ExitCode.ShouldBe(0);

        await using var pod = await Pod.StartAsync(_zooKeeper.Address);

        await SnapshotHasAsync(1);
        (await _tools.JsonAsync("ls *servo")).GetProperty("marathon.servo").ToString().ShouldBe("""{"total": 2, "running": 1, "status": ""}""");
    }

    [Fact]
    public async Task A_pod_that_stops_is_gone_at_once()
    {
        await using var pod = await Pod.StartAsync(_zooKeeper.Address);
        await pod.ReachesAsync("leader (configuration pending)");

        (await pod.Host.StopAsync()).ShouldBe(0);

        (await _tools.JsonAsync("ls *servo")).ToString().ShouldBe("{}");
    }

    private async Task SnapshotHasAsync(params int[] numbers)
    {
        await using var session = await ZooKeeperSessions.OpenAsync(_zooKeeper.Address);
        await session.BecomesAsync("/ochopod/clusters/marathon.servo/snapshot",
            data =>
                JsonDocument.Parse(data).RootElement.EnumerateObject().Select(pod => pod.Value.GetProperty("seq").GetInt32()).Order()
                    .SequenceEqual(numbers));
    }
}
