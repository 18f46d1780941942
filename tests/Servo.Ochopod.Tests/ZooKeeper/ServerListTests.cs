using Microsoft.Extensions.DependencyInjection;
using Servo.Ochopod.ZooKeeper;
using Servo.Testing;
using static Servo.Ochopod.Tests.ZooKeeper.ZooKeeperTest;

namespace Servo.Ochopod.Tests.ZooKeeper;

[Collection(nameof(SharedServer))]
public sealed class ServerListTests(SharedServer server)
{
    [Fact]
    public void Names_hosts_and_addresses_with_or_without_a_port()
    {
        var servers = ServerList.Parse("zk1:2182, 10.0.0.1:2183,zk3,[::1]:2184,[fe80::1],zk1:2182,");

        var turn = Enumerable.Range(0, servers.Count).Select(_ => servers.Next()).ToList();
        turn.ShouldBe([new("zk1", 2182), new("10.0.0.1", 2183), new("zk3", 2181), new("::1", 2184), new("fe80::1", 2181)], ignoreOrder: true);
        servers.Next().ShouldBe(turn[0]);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" , ")]
    [InlineData("zk1:")]
    [InlineData("zk1:port")]
    [InlineData("zk1:0")]
    [InlineData("zk1:65536")]
    [InlineData("zk1:-1")]
    [InlineData(":2181")]
    [InlineData("zk1:2181/path")]
    public void Refuses_what_names_no_server(string text) => Should.Throw<FormatException>(() => ServerList.Parse(text));

    [Fact]
    public async Task A_host_registers_the_client_with_the_list()
    {
        await using var provider = new ServiceCollection()
            .AddLogging()
            .AddSingleton(TimeProvider.System)
            .AddZooKeeper(server.Address, TimeSpan.FromSeconds(5))
            .BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });

        await using var session = await provider.GetRequiredService<IZooKeeper>().OpenSessionAsync(Cancellation);

        session.Timeout.ShouldBe(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Servers_that_are_down_are_passed_over()
    {
        var down = await ZooKeeperServer.StartAsync();
        await down.DisposeAsync();

        for (var i = 0; i < 4; i++)
        {
            await using var session = await OpenAsync($"{down.Address},no-such-host.invalid:2181,{server.Address}");
            (await session.ExistsAsync("/", Cancellation)).ShouldNotBeNull();
        }
    }
}
