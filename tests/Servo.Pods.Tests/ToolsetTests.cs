using System.Text.Json;
using Servo.Testing;

namespace Servo.Pods.Tests;

/// <summary>One pod in a real cluster: what its tools show of it and do with it.</summary>
public sealed class ToolsetTests : IAsyncLifetime
{
    private const string Name = "marathon.servo #0";

    private readonly TempDirectory _folder = new();
    private ZooKeeperServer _zooKeeper = null!;
    private Portal _portal = null!;
    private Pod _pod = null!;
    private Toolset _tools = null!;

    public async ValueTask InitializeAsync()
    {
        _zooKeeper = await ZooKeeperServer.StartAsync();
        _portal = await Portal.StartAsync(_zooKeeper.Address, "portal-token");
        _pod = await Pod.StartAsync(_zooKeeper.Address);
        _tools = new Toolset(_zooKeeper.Address, _folder.Path);
        await _tools.UntilAsync("grep *servo", found => found.TryGetProperty(Name, out var pod) && pod.GetProperty("state").GetString() == "leader");
    }

    public async ValueTask DisposeAsync()
    {
        await _pod.DisposeAsync();
        await _portal.DisposeAsync();
        await _zooKeeper.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Tools_look_at_the_pod()
    {
        var ls = (await _tools.JsonAsync("ls *servo")).GetProperty("marathon.servo");
        (ls.GetProperty("total").GetInt32(), ls.GetProperty("running").GetInt32()).ShouldBe((1, 1));
        ls.GetProperty("status").GetString()!.ShouldStartWith("* configuration in ");

        var grep = (await _tools.JsonAsync("grep *servo")).GetProperty(Name);
        grep.ToString().ShouldBe("""{"ip": "127.0.0.1", "node": "local", "process": "running", "state": "leader"}""");

        var port = (await _tools.JsonAsync($"port {_pod.ControlPort} *servo")).GetProperty(Name);
        port.GetProperty("ports").GetString().ShouldBe($"{_pod.ControlPort}");

        (await _tools.RunAsync("log *servo -l")).Output.ShouldContain("Leads the cluster marathon.servo");
        (await _pod.PostAsync("info")).Body.ShouldContain("\"dependencies\":[\"portal\"]");
    }

    [Fact]
    public async Task Polling_shows_the_token_as_the_users_document_does()
    {
        var poll = await _tools.RunAsync("poll *servo");

        var lines = poll.Output.Split('\n');
        lines[0].ShouldBe("1 pods, 100% replies ->");
        lines[2].ShouldBe("pod                |  metrics");
        lines[4].ShouldMatch(@"^marathon\.servo #0  \|  \{""token"": ""edAZR8atfOahd7tfPnVo3xpJX\+ks6wsV"", ""uptime"": ""0\.0\d hours \(pid \d+\)""\}$");
        (await _tools.JsonAsync("poll *servo")).GetProperty(Name).GetProperty("token").GetString().ShouldBe(Gateway.Token);
    }

    [Theory]
    [InlineData("exec *servo --force run my-scripts.tgz deploy.py test.py -v greeting:a:b who:me")]
    [InlineData("exec *servo run my-scripts.tgz deploy.py test.py -v greeting:a:b who:me -i 0")]
    public async Task An_archive_is_signed_and_run(string line)
    {
        _folder.Write("src/deploy.py", "import os\nfrom servo import servo\nwith servo() as proxy:\n    print(sorted(proxy('ls')), os.environ['GREETING'], os.environ['WHO'])\n");
        _folder.Write("src/test.py", "print('tested')\n");
        await Shell.RunAsync(Path.Join(_folder.Path, "src"), "tar", "zcf", _folder.File("my-scripts.tgz"), "deploy.py", "test.py");

        var pod = (await _tools.JsonAsync(line)).GetProperty(Name);

        pod.GetProperty("code").GetInt32().ShouldBe(0, pod.ToString());
        Lines(pod).Where(text => !text.StartsWith('$')).ShouldBe(
            ["['marathon.portal', 'marathon.servo'] a:b me", "deploy.py ran in 0 seconds", "tested", "test.py ran in 0 seconds"]);
        Lines(pod).ShouldContain("$GREETING = a:b");
        (await _portal.LinesAsync()).ShouldBe(["ls -j"]);
        _pod.Host.Workspaces.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_script_that_fails_is_exit_code_1_with_its_log()
    {
        await PackAsync("import sys; print('oh no'); sys.exit(7)");

        var pod = (await _tools.JsonAsync("exec *servo --force run x.tgz a.py")).GetProperty(Name);

        pod.GetProperty("code").GetInt32().ShouldBe(1);
        Lines(pod)[^1].ShouldBe("failure (a.py failed on exit code 7)");
    }

    [Theory]
    [InlineData("run", "run: error: too few arguments")]
    [InlineData("run x.tgz", "run: error: too few arguments")]
    [InlineData("run -v a:b x.tgz a.py", "run: error: argument -v/--variables: expected NAME:VALUE, not 'x.tgz'")]
    [InlineData("run x.tgz a.py -v novalue", "run: error: argument -v/--variables: expected NAME:VALUE, not 'novalue'")]
    [InlineData("run x.tgz a.py -v LD_PRELOAD:x", "run: error: The variable name 'LD_PRELOAD' is reserved")]
    [InlineData("run --help", "usage: run ")]
    [InlineData("run missing.tgz a.py", "unexpected failure -> failed to sign the archive")]
    [InlineData("run /etc/passwd a.py", "unexpected failure -> failed to sign the archive")]
    [InlineData("run ../../spool/x a.py", "unexpected failure -> failed to sign the archive")]
    public async Task Bad_arguments_answer_with_a_line(string line, string expected)
    {
        var (status, body) = await _pod.PostAsync("exec", ("X-Shell", line));

        status.ShouldBe(200);
        var answer = JsonDocument.Parse(body).RootElement;
        answer.GetProperty("code").GetInt32().ShouldBe(1);
        Lines(answer).Single().ShouldStartWith(expected);
    }

    [Theory]
    [InlineData("nosuchtool x", 404)]
    [InlineData("", 404)]
    [InlineData("RUN x", 404)]
    [InlineData("$(touch /tmp/x)", 404)]
    [InlineData("run;id", 404)]
    [InlineData("shell id", 404)]
    public async Task A_hostile_or_unknown_line_runs_nothing(string line, int expected)
    {
        var (status, body) = await _pod.PostAsync("exec", ("X-Shell", line));

        status.ShouldBe(expected);
        body.ShouldBe("{}");
    }

    [Fact]
    public async Task What_is_no_request_of_a_pod_answers_with_an_empty_object()
    {
        (await _pod.PostAsync("exec")).ShouldBe((500, "{}"));
        (await _pod.PostAsync("nothing")).ShouldBe((404, "{}"));
        (await _pod.PostAsync("run/a.py")).ShouldBe((404, "{}"));
        (await _pod.PostAsync("control/dance")).ShouldBe((400, "{}"));
        (await _pod.PostAsync("control/on/soon")).ShouldBe((400, "{}"));
        (await _pod.PostAsync("control/check")).ShouldBe((406, "{}"));
        (await _pod.PostAsync("control/ok")).ShouldBe((500, "{}"));
        (await _pod.PostAsync("control/signal")).ShouldBe((200, "{}"));

        using var http = new HttpClient();
        var get = await http.GetAsync(new Uri($"http://127.0.0.1:{_pod.ControlPort}/info"), TestContext.Current.CancellationToken);
        ((int)get.StatusCode, await get.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldBe((405, "{}"));
    }

    [Fact]
    public async Task Off_lets_runs_finish_and_on_takes_them_again()
    {
        await PackAsync("import os, time\nprint('begun')\nopen('BEGUN', 'w').close()\ntime.sleep(3)\nprint('finished')\n".Replace("BEGUN", _folder.File("begun"), StringComparison.Ordinal));
        var run = _tools.JsonAsync("exec *servo --force run x.tgz a.py");
        await Eventually.HoldsAsync(() => File.Exists(Path.Join(_folder.Path, "begun")), _folder.Path);

        var off = await _tools.RunAsync("off *servo --force");

        off.ExitCode.ShouldBe(0, off.Output);
        Lines((await run).GetProperty(Name)).ShouldContain("finished");
        (await _tools.JsonAsync("grep *servo")).GetProperty(Name).GetProperty("process").GetString().ShouldBe("stopped");
        (await _tools.JsonAsync("poll *servo")).GetProperty(Name).ToString().ShouldBe("{}");
        var refused = (await _tools.JsonAsync("exec *servo --force run x.tgz a.py")).GetProperty(Name);
        refused.GetProperty("code").GetInt32().ShouldBe(1);
        Lines(refused).Single().ShouldStartWith("unexpected failure -> invalid response (HTTP 503)");

        (await _tools.RunAsync("on *servo --force")).ExitCode.ShouldBe(0);
        (await _tools.JsonAsync("exec *servo --force run x.tgz a.py")).GetProperty(Name).GetProperty("code").GetInt32().ShouldBe(0);
    }

    [Fact]
    public async Task Kill_leaves_the_endpoint_answering_and_every_task_gone()
    {
        (await _tools.RunAsync("kill *servo --force")).ExitCode.ShouldBe(0);

        (await _tools.JsonAsync("grep *servo")).GetProperty(Name).GetProperty("process").GetString().ShouldBe("dead");
        (await _pod.PostAsync("control/on")).ShouldBe((410, "{}"));
        (await _pod.PostAsync("control/kill/5")).ShouldBe((410, "{}"));
        (await _pod.PostAsync("log")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Reset_registers_again_under_the_same_number()
    {
        (await _tools.RunAsync("reset *servo --force")).ExitCode.ShouldBe(0);

        await _tools.UntilAsync("grep *servo", found => found.TryGetProperty(Name, out var pod) && pod.GetProperty("state").GetString() == "leader");
        _pod.Host.Log.Split("Registered as").Length.ShouldBe(3);
    }

    [Fact]
    public async Task A_run_longer_than_a_minute_comes_back_where_the_caller_waits()
    {
        await PackAsync("import time\ntime.sleep(63)\nprint('done')\n");

        var pod = (await _tools.JsonAsync("exec *servo --force run x.tgz a.py -t 300")).GetProperty(Name);

        Lines(pod)[^2..].ShouldBe(["done", "a.py ran in 63 seconds"]);
    }

    private static string[] Lines(JsonElement answer) => [.. answer.GetProperty("stdout").EnumerateArray().Select(line => line.GetString()!)];

    private async Task PackAsync(string script)
    {
        _folder.Write("a.py", script);
        await Shell.RunAsync(_folder.Path, "tar", "zcf", _folder.File("x.tgz"), "a.py");
    }
}
