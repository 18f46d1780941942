using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Servo.Testing;

namespace Servo.Ochopod.Tests;

/// <summary>A pod finds the portal of its namespace by itself and follows it, while runs are in progress.</summary>
public sealed class PortalTests : IAsyncLifetime
{
    private readonly TempDirectory _folder = new();
    private ZooKeeperServer _zooKeeper = null!;
    private Pod _pod = null!;

    public async ValueTask InitializeAsync()
    {
        _zooKeeper = await ZooKeeperServer.StartAsync();
        _pod = await Pod.StartAsync(_zooKeeper.Address);
    }

    public async ValueTask DisposeAsync()
    {
        await _pod.DisposeAsync();
        await _zooKeeper.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Until_a_portal_is_found_the_state_and_the_commands_say_so()
    {
        await _pod.ShowsAsync("status", "* waiting for the portal: no portal is registered in ZooKeeper at /ochopod/clusters/marathon.portal/snapshot");
        await StateIsAsync("leader (configuration pending)");

        var alone = await RunAsync("from servo import servo\nwith servo() as proxy: proxy('ls')\n");
        alone.Log.ShouldContain(line => line.Contains("no portal is registered in ZooKeeper"), alone.Body);
        alone.Ok.ShouldBeFalse();

        await using var portal = await Portal.StartAsync(_zooKeeper.Address, "portal-token");
        await StateIsAsync("leader");
        (await RunAsync("from servo import servo\nwith servo() as proxy: print(sorted(proxy('ls')))\n")).Log.ShouldContain(
            "['marathon.portal', 'marathon.servo']");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_portal_that_moves_or_changes_its_token_is_followed_and_the_run_in_progress_goes_on(bool changesToken)
    {
        await using var portal = await Portal.StartAsync(_zooKeeper.Address, "portal-token");
        await StateIsAsync("leader");
        var begun = _folder.File("begun");
        var go = _folder.File("go");
        var run = RunAsync($"""
            import os, time
            from servo import servo
            with servo() as proxy:
                print('before', sorted(proxy('ls')))
                open('{begun}', 'w').close()
                while not os.path.exists('{go}'): time.sleep(0.01)
                print('after', sorted(proxy('ls')))
            """);
        await Eventually.HoldsAsync(() => File.Exists(begun), _folder.Path);
        var portals = PortalsFound;

        if (changesToken)
            await portal.ChangeTokenAsync("another");
        else
            await portal.MoveAsync();

        await SoonAsync(() => PortalsFound > portals);
        await File.WriteAllTextAsync(go, "", TestContext.Current.CancellationToken);
        var answer = await run;

        answer.Ok.ShouldBeTrue(answer.Body);
        answer.Log.ShouldContain("before ['marathon.portal', 'marathon.servo']");
        answer.Log.ShouldContain("after ['marathon.portal', 'marathon.servo']");
    }

    [Fact]
    public async Task A_command_that_a_restarted_portal_refuses_for_its_signature_is_sent_once_more()
    {
        await using var portal = await Portal.StartAsync(_zooKeeper.Address, "portal-token");
        await StateIsAsync("leader");
        await portal.RestartAsync("another");

        var answer = await RunAsync("""
            from servo import servo
            open('web.yml', 'w').write('cluster: web')
            with servo() as proxy:
                print(sorted(proxy('ls')), proxy('grep web.yml'))
            """);

        answer.Log.ShouldContain("['marathon.portal', 'marathon.servo'] {}", answer.Body);
        (await portal.RequestsAsync()).ShouldBe(["ls -j", "ls -j", "grep web.yml -j"]);

        // With files, this time.
        await portal.RestartAsync("a third");
        answer = await RunAsync("""
            from servo import servo
            open('web.yml', 'w').write('cluster: web')
            with servo() as proxy:
                print(proxy('grep web.yml'))
            """);

        answer.Ok.ShouldBeTrue(answer.Body);
        (await portal.LinesAsync()).ShouldBe(["ls -j", "grep web.yml -j", "grep web.yml -j"]);
        (await portal.RequestsAsync())[3..].ShouldBe(["grep web.yml -j", "grep web.yml -j"]);
    }

    [Fact]
    public async Task A_command_that_failed_for_another_reason_is_sent_once()
    {
        await using var portal = await Portal.StartAsync(_zooKeeper.Address, "portal-token");
        await StateIsAsync("leader");

        var answer = await RunAsync("""
            from servo import servo, CommandFailed
            with servo() as proxy:
                try:
                    proxy('no-such-command')
                except CommandFailed as failed:
                    print(failed.out)
            """);

        answer.Log.ShouldContain(line => line.StartsWith("unknown command", StringComparison.Ordinal), answer.Body);
        (await portal.RequestsAsync()).ShouldBe(["no-such-command -j"]);
    }

    [Fact]
    public async Task An_unreachable_ZooKeeper_is_named_to_the_script_in_the_info_and_in_the_log()
    {
        await _zooKeeper.KillAsync();
        await using var pod = await Pod.StartAsync(_zooKeeper.Address);
        var unreachable = $"ZooKeeper cannot be reached at {_zooKeeper.Address} (";
        await Pod.SoonAsync(() => pod.Host.Log.Contains("does not grant a session", StringComparison.Ordinal));

        await pod.ShowsAsync("status", status => status.StartsWith($"* {unreachable}", StringComparison.Ordinal));
        var alone = await RunAsync("from servo import servo\nwith servo() as proxy: proxy('ls')\n", pod);
        alone.Log.ShouldContain(line => line.StartsWith($"failure -> {unreachable}", StringComparison.Ordinal) && line.EndsWith("), so no portal is known", StringComparison.Ordinal), alone.Body);
        await pod.Host.LogsAsync($"got no answer of the portal (portal-unavailable): {unreachable}");

        await _zooKeeper.StartAgainAsync();
        await pod.ShowsAsync("status", status => !status.Contains("cannot be reached", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_portal_that_moves_while_ZooKeeper_is_away_is_not_the_only_one_to_blame()
    {
        await using var portal = await Portal.StartAsync(_zooKeeper.Address, "portal-token");
        await StateIsAsync("leader");
        await _zooKeeper.KillAsync();
        await _pod.ShowsAsync("status", status => status.StartsWith("* ZooKeeper cannot be reached", StringComparison.Ordinal));
        (await RunAsync("from servo import servo\nwith servo() as proxy: proxy.text('help')\n")).Log.ShouldContain("failure -> \"help\" failed");
        await portal.KillAsync();

        var answer = await RunAsync("from servo import servo\nwith servo() as proxy: proxy('ls')\n");

        answer.Log.ShouldContain(line => line.Contains("down ? (connection refused); ZooKeeper cannot be reached at ", StringComparison.Ordinal) && line.EndsWith("so it may have moved", StringComparison.Ordinal), answer.Body);
    }

    [Fact]
    public async Task The_session_of_the_users_document_runs_through_the_portal()
    {
        await using var portal = await Portal.StartAsync(_zooKeeper.Address, "portal-token");
        await StateIsAsync("leader");
        _folder.Write("my-scripts/deploy.py", "print('deploying')\n");
        _folder.Write("my-scripts/test.py", "print('testing')\n");
        await ChildProcess.RunAsync(Path.Join(_folder.Path, "my-scripts"), "sh", "-c", "tar zcf ../my-scripts.tgz *");

        var poll = await OchoAsync(portal, "poll *servo");
        poll.ShouldContain("marathon.servo #0  |  {\"token\": \"edAZR8atfOahd7tfPnVo3xpJX+ks6wsV\"");

        var printed = await OchoAsync(
            portal, "exec *servo --force run my-scripts.tgz deploy.py test.py", "-F", $"my-scripts.tgz=@{_folder.Path}/my-scripts.tgz");
        var lines = printed.Split('\n');
        lines[0].ShouldBe("<*servo> -> 100% replies (1 pods total) ->");
        lines[1].ShouldBe("- marathon.servo #0 (exit code 0)");
        lines[2].ShouldBe("");
        lines[3].ShouldStartWith(" $CALLBACK = http://127.0.0.1:");
        lines[4..].WithoutSeconds().ShouldBe([" deploying", " deploy.py ran in N seconds", " testing", " test.py ran in N seconds"]);
    }

    private int PortalsFound => _pod.Host.Log.Split("The portal is at ").Length;

    /// <summary>Sends a command as the CLI does, and returns what it would print.</summary>
    private async Task<string> OchoAsync(Portal portal, string line, params string[] more)
    {
        var signature = "sha1=" + Convert.ToHexStringLower(HMACSHA1.HashData("portal-token"u8, Encoding.UTF8.GetBytes(line)));
        var answer = JsonDocument.Parse(await ChildProcess.RunAsync(_folder.Path, "curl", ["-sS", "-X", "POST", "-H", $"X-Shell: {line}", "-H", $"X-Signature: {signature}", .. more, $"{portal.Url}/shell"])).RootElement;
        answer.GetProperty("ok").GetBoolean().ShouldBeTrue(answer.ToString());
        return answer.GetProperty("out").GetString()!;
    }

    private async Task<(bool Ok, string[] Log, string Body)> RunAsync(string script, Pod? pod = null)
    {
        using var bundle = new TempDirectory();
        bundle.Write("a.py", script);
        await ChildProcess.RunAsync(bundle.Path, "tar", "zcf", bundle.File("x.tgz"), "a.py");
        var archive = await File.ReadAllBytesAsync(bundle.File("x.tgz"), TestContext.Current.CancellationToken);

        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{(pod ?? _pod).Host.Url}/run/a.py") { Content = new ByteArrayContent(archive) };
        request.Headers.Add("X-Signature", "sha256=" + Convert.ToHexString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Gateway.Token), archive)));
        request.Headers.Add("Accept", "application/json");
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var json = JsonDocument.Parse(body).RootElement;
        return (json.GetProperty("ok").GetBoolean(), [.. json.GetProperty("log").EnumerateArray().Select(line => line.GetString()!)], body);
    }

    private Task StateIsAsync(string state) => _pod.ReachesAsync(state);

    private static Task SoonAsync(Func<bool> condition) => Pod.SoonAsync(condition);
}
