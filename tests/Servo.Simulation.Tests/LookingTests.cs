namespace Servo.Simulation.Tests;

/// <summary>The commands that only show: ls, grep, poll, port and log.</summary>
public sealed class LookingTests
{
    private readonly TestCluster _cluster = new();

    [Fact]
    public async Task Ls_shows_a_portal_and_a_servo_in_a_fresh_cluster()
    {
        (await _cluster.DoneAsync("ls -j")).ShouldBe(
            """{"marathon.portal":{"total":1,"running":1,"status":""},"marathon.servo":{"total":1,"running":1,"status":""}}""");
        (await _cluster.DoneAsync("ls")).ShouldBe(
            """
            2 clusters ->

            cluster          |  running  |  status
                             |           |
            marathon.portal  |  1/1      |
            marathon.servo   |  1/1      |
            """);
    }

    [Fact]
    public async Task Ls_counts_what_runs()
    {
        await _cluster.DeployAsync(3);
        await _cluster.DoneAsync("off *web -i 1");

        (await _cluster.DoneAsync("ls *web -j")).ShouldBe("""{"marathon.web":{"total":3,"running":2,"status":""}}""");
        (await _cluster.DoneAsync("ls nothing -j")).ShouldBe("{}");
    }

    [Fact]
    public async Task Grep_shows_where_pods_are()
    {
        await _cluster.DeployAsync(2);

        (await _cluster.DoneAsync("grep *web -j")).ShouldBe(
            """{"marathon.web #0":{"ip":"127.0.0.1","node":"local","process":"running","state":"leader"},"marathon.web #1":{"ip":"127.0.0.1","node":"local","process":"running","state":"follower"}}""");
        (await _cluster.DoneAsync("grep *web")).ShouldBe(
            """
            2 pods, 100% replies ->

            pod              |  ip         |  node   |  process  |  state
                             |             |         |           |
            marathon.web #0  |  127.0.0.1  |  local  |  running  |  leader
            marathon.web #1  |  127.0.0.1  |  local  |  running  |  follower
            """);
        (await _cluster.DoneAsync("grep nothing -j")).ShouldBe("{}");
    }

    [Fact]
    public async Task The_oldest_pod_leads_also_after_the_first_one_is_gone()
    {
        await _cluster.DeployAsync(3);
        await _cluster.DoneAsync("kill *web -i 0");

        (await _cluster.DoneAsync("grep *web -j")).ShouldContain(
            "\"marathon.web #1\":{\"ip\":\"127.0.0.1\",\"node\":\"local\",\"process\":\"running\",\"state\":\"leader\"}");
    }

    [Fact]
    public async Task Poll_shows_metrics_and_none_of_a_pod_that_is_off()
    {
        await _cluster.DeployAsync(2);
        await _cluster.DoneAsync("off *web -i 1");

        (await _cluster.DoneAsync("poll *web -j")).ShouldBe("""{"marathon.web #0":{"uptime":"0.00 hours (pid 100)"},"marathon.web #1":{}}""");
        (await _cluster.DoneAsync("poll *portal")).ShouldBe(
            """
            1 pods, 100% replies ->

            pod                 |  metrics
                                |
            marathon.portal #0  |  {"uptime":"0.00 hours (pid 100)"}
            """);
    }

    [Fact]
    public async Task Port_shows_the_host_port_as_a_text()
    {
        await _cluster.DeployAsync();

        (await _cluster.DoneAsync("port 8443 *web -j")).ShouldBe("""{"marathon.web #0":{"ip":"127.0.0.1","public":"127.0.0.1","ports":"443"}}""");
        (await _cluster.DoneAsync("port 9000 *web -j")).ShouldContain("\"ports\":\"9000\"");
        (await _cluster.DoneAsync("port 80 *web -j")).ShouldContain("\"ports\":\"31");
        (await _cluster.DoneAsync("port 8443")).ShouldBe(
            """
            1 pods, 100% replies ->

            pod              |  ip         |  public     |  ports
                             |             |             |
            marathon.web #0  |  127.0.0.1  |  127.0.0.1  |  443
            """);
    }

    [Fact]
    public async Task Port_leaves_out_pods_without_it()
    {
        (await _cluster.DoneAsync("port 9000 -j")).ShouldStartWith("{\"marathon.portal #0\"");
        (await _cluster.DoneAsync("port 1 -j")).ShouldBe("{}");
    }

    [Theory]
    [InlineData("port http *web -j", "error: argument port: invalid int value: 'http'\n\nusage: port ")]
    [InlineData("port -j", "error: too few arguments\n\nusage: port ")]
    [InlineData("port 80 *a *b -j", "error: unrecognized arguments: *b\n\nusage: port ")]
    public async Task Port_wants_a_number(string line, string start) => (await _cluster.FailedAsync(line)).ShouldStartWith(start);

    [Fact]
    public async Task Log_shows_the_last_lines_of_each_pod_or_all()
    {
        await _cluster.DeployAsync(2);

        for (var i = 0; i < 10; i++)
        {
            await _cluster.DoneAsync("off *web -i 0");
            await _cluster.DoneAsync("on *web -i 0");
        }

        (await _cluster.DoneAsync("log *web -i 1")).ShouldBe(
            """
            <*web> -> 100% replies (1 pods total) ->

            - marathon.web #1

             2016-02-11 12:00:00,000 - INFO - marathon.web #1 runs registry:5000/acme/web:1.0
             2016-02-11 12:00:00,000 - INFO - the process is running
            """);
        (await _cluster.DoneAsync("log *web -i 0")).Split('\n').Length.ShouldBe(4 + 16);
        (await _cluster.DoneAsync("log *web -l -i 0")).Split('\n').Length.ShouldBe(4 + 22);
        (await _cluster.DoneAsync("log nothing")).ShouldBe("<nothing> -> 0% replies (0 pods total)");
    }

    [Fact]
    public async Task Log_has_no_JSON() => (await _cluster.FailedAsync("log -j")).ShouldStartWith("error: unrecognized arguments: -j\n\nusage: log ");
}
