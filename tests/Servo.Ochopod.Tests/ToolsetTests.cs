using System.Text.Json;
using Servo.Testing;

namespace Servo.Ochopod.Tests;

/// <summary>One pod in a real cluster: what its tools show of it and do with it.</summary>
public sealed class ToolsetTests : SinglePod
{
    [Fact]
    public async Task Tools_look_at_the_pod()
    {
        var ls = (await Tools.JsonAsync("ls *servo")).GetProperty("marathon.servo");
        (ls.GetProperty("total").GetInt32(), ls.GetProperty("running").GetInt32()).ShouldBe((1, 1));
        ls.GetProperty("status").GetString()!.ShouldBeEmpty();

        var grep = (await Tools.JsonAsync("grep *servo")).GetProperty(Name);
        grep.ToString().ShouldBe("""{"ip": "127.0.0.1", "node": "local", "process": "running", "state": "leader"}""");

        var port = (await Tools.JsonAsync($"port {Pod.ControlPort} *servo")).GetProperty(Name);
        port.GetProperty("ports").GetString().ShouldBe($"{Pod.ControlPort}");

        (await Tools.RunAsync("log *servo -l")).Output.ShouldContain("Leads the cluster marathon.servo");
        (await Pod.PostAsync("info")).Body.ShouldContain("\"dependencies\":[\"portal\"]");
    }

    [Fact]
    public async Task Polling_shows_the_token_as_the_users_document_does()
    {
        var poll = await Tools.RunAsync("poll *servo");

        var lines = poll.Output.Split('\n');
        lines[0].ShouldBe("1 pods, 100% replies ->");
        lines[2].ShouldBe("pod                |  metrics");
        lines[4].ShouldMatch(@"^marathon\.servo #0  \|  \{""token"": ""edAZR8atfOahd7tfPnVo3xpJX\+ks6wsV"", ""uptime"": ""0\.0\d hours \(pid \d+\)""\}$");
        (await Tools.JsonAsync("poll *servo")).GetProperty(Name).GetProperty("token").GetString().ShouldBe(Gateway.Token);
    }

    [Theory]
    [InlineData("exec *servo --force run my-scripts.tgz deploy.py test.py -v greeting:a:b who:me")]
    [InlineData("exec *servo run my-scripts.tgz deploy.py test.py -v greeting:a:b who:me -i 0")]
    public async Task An_archive_that_comes_along_is_run(string line)
    {
        Folder.Write(
            "src/deploy.py",
            "import os\nfrom servo import servo\nwith servo() as proxy:\n    print(sorted(proxy('ls')), os.environ['GREETING'], os.environ['WHO'])\n");
        Folder.Write("src/test.py", "print('tested')\n");
        await ChildProcess.RunAsync(Path.Join(Folder.Path, "src"), "tar", "zcf", Folder.File("my-scripts.tgz"), "deploy.py", "test.py");

        var pod = (await Tools.JsonAsync(line)).GetProperty(Name);

        pod.GetProperty("code").GetInt32().ShouldBe(0, pod.ToString());
        Lines(pod).Where(text => !text.StartsWith('$')).WithoutSeconds().ShouldBe(
            ["['marathon.portal', 'marathon.servo'] a:b me", "deploy.py ran in N seconds", "tested", "test.py ran in N seconds"]);
        Lines(pod).ShouldContain("$GREETING = a:b");
        (await Portal.LinesAsync()).ShouldBe(["ls -j"]);
        await Pod.Host.HasNoWorkspaceAsync();
    }

    [Theory]
    [InlineData("run ./x.tgz a.py --variables=a:1")]
    [InlineData("run .//x.tgz a.py --var a:1")]
    [InlineData("run -va:1 x.tgz a.py")]
    [InlineData("run x.tgz -v=a:1 a.py")]
    [InlineData("run x.tgz --v=a:1 -- a.py")]
    public async Task Options_are_read_as_the_original_reads_them(string line)
    {
        await PackAsync("import os\nprint(os.environ['A'])\n");

        var printed = await ChildProcess.RunAsync(
            Folder.Path, "curl", "-sS", "-H", $"X-Shell: {line}", "-F", "x.tgz=@x.tgz", $"http://127.0.0.1:{Pod.ControlPort}/exec");

        var answer = JsonDocument.Parse(printed).RootElement;
        answer.GetProperty("code").GetInt32().ShouldBe(0, printed);
        Lines(answer).Where(text => !text.StartsWith("$CALLBACK", StringComparison.Ordinal)).WithoutSeconds().ShouldBe(
            ["$A = 1", "1", "a.py ran in N seconds"]);
    }

    [Fact]
    public async Task A_script_that_fails_is_exit_code_1_with_its_log()
    {
        await PackAsync("import sys; print('oh no'); sys.exit(7)");

        var pod = (await Tools.JsonAsync("exec *servo --force run x.tgz a.py")).GetProperty(Name);

        pod.GetProperty("code").GetInt32().ShouldBe(1);
        Lines(pod)[^1].ShouldBe("failure (a.py failed on exit code 7)");
    }

    [Fact]
    public async Task Off_lets_runs_finish_and_on_takes_them_again()
    {
        await PackAsync("import os, time\nprint('begun')\nopen('BEGUN', 'w').close()\ntime.sleep(3)\nprint('finished')\n".Replace("BEGUN", Folder.File("begun"), StringComparison.Ordinal));
        var run = Tools.JsonAsync("exec *servo --force run x.tgz a.py");
        await Eventually.HoldsAsync(() => File.Exists(Path.Join(Folder.Path, "begun")), Folder.Path);

        var off = await Tools.RunAsync("off *servo --force");

        off.ExitCode.ShouldBe(0, off.Output);
        Lines((await run).GetProperty(Name)).ShouldContain("finished");
        (await Tools.JsonAsync("grep *servo")).GetProperty(Name).GetProperty("process").GetString().ShouldBe("stopped");
        (await Tools.JsonAsync("poll *servo")).GetProperty(Name).ToString().ShouldBe("{}");
        var refused = (await Tools.JsonAsync("exec *servo --force run x.tgz a.py")).GetProperty(Name);
        refused.GetProperty("code").GetInt32().ShouldBe(1);
        Lines(refused).Single().ShouldStartWith("unexpected failure -> invalid response (HTTP 503): This servo pod is off.");

        (await Tools.RunAsync("on *servo --force")).ExitCode.ShouldBe(0);
        (await Tools.JsonAsync("exec *servo --force run x.tgz a.py")).GetProperty(Name).GetProperty("code").GetInt32().ShouldBe(0);
    }

    [Fact]
    public async Task Kill_leaves_the_endpoint_answering_and_every_task_gone()
    {
        (await Tools.RunAsync("kill *servo --force")).ExitCode.ShouldBe(0);

        (await Tools.JsonAsync("grep *servo")).GetProperty(Name).GetProperty("process").GetString().ShouldBe("dead");
        (await Pod.PostAsync("control/on")).ShouldBe((410, "{}"));
        (await Pod.PostAsync("control/kill/5")).ShouldBe((410, "{}"));
        (await Pod.PostAsync("control/dance")).ShouldBe((400, "{}"));
        (await Pod.PostAsync("log")).Status.ShouldBe(200);

        await PackAsync("print('never')");
        var refused = (await Tools.JsonAsync("exec *servo --force run x.tgz a.py")).GetProperty(Name);
        Lines(refused).Single().ShouldStartWith("unexpected failure -> invalid response (HTTP 503): This servo pod was killed");
        using var http = new HttpClient();
        var ready = await http.GetAsync(new Uri($"{Pod.Host.Url}/ready"), TestContext.Current.CancellationToken);
        ready.StatusCode.ShouldBe(System.Net.HttpStatusCode.ServiceUnavailable);
        (await ready.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("This servo pod was killed");
    }

    [Fact]
    public async Task Scripts_reach_the_control_port_and_the_docs_say_so()
    {
        await PackAsync($"""
            import json, urllib.request
            info = json.load(urllib.request.urlopen(urllib.request.Request('http://127.0.0.1:{Pod.ControlPort}/info', data=b'', method='POST')))
            print('token of ' + str(len(info['metrics']['token'])))
            """);

        var run = (await Tools.JsonAsync("exec *servo --force run x.tgz a.py")).GetProperty(Name);

        Lines(run).ShouldContain($"token of {Gateway.Token.Length}", run.ToString());
        foreach (var page in new[] { "docs/security.md", "deploy/README.md", "docs/pods.md" })
            (await File.ReadAllTextAsync(Path.Join(Repository.Root, page), TestContext.Current.CancellationToken)).ReplaceLineEndings(" ")
                .ShouldMatch(@"scripts( of\s+its( own)? runs)? reach it too[^.]*in a pod the( servo)? token is no secret from them");
    }

    [Fact]
    public async Task Reset_registers_again_under_the_same_number()
    {
        (await Tools.RunAsync("reset *servo --force")).ExitCode.ShouldBe(0);

        await Tools.UntilAsync("grep *servo", found => found.TryGetProperty(Name, out var pod) && pod.GetProperty("state").GetString() == "leader");
        Pod.Host.Log.Split("Registered as").Length.ShouldBe(3);
    }
}
