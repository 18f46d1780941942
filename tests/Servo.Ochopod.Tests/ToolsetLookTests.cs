using System.Text.Json;
using Servo.Testing;

namespace Servo.Ochopod.Tests;

/// <summary>One pod in a real cluster: what its tools show of it, and runs that leave it as it was.</summary>
public sealed class ToolsetLookTests(SinglePod cluster) : IClassFixture<SinglePod>
{
    [Fact]
    public async Task Tools_look_at_the_pod()
    {
        var ls = (await cluster.Tools.JsonAsync("ls *servo")).GetProperty("marathon.servo");
        (ls.GetProperty("total").GetInt32(), ls.GetProperty("running").GetInt32()).ShouldBe((1, 1));
        ls.GetProperty("status").GetString()!.ShouldBeEmpty();

        var grep = (await cluster.Tools.JsonAsync("grep *servo")).GetProperty(SinglePod.Name);
        grep.ToString().ShouldBe("""{"ip": "127.0.0.1", "node": "local", "process": "running", "state": "leader"}""");

        var port = (await cluster.Tools.JsonAsync($"port {cluster.Pod.ControlPort} *servo")).GetProperty(SinglePod.Name);
        port.GetProperty("ports").GetString().ShouldBe($"{cluster.Pod.ControlPort}");

        (await cluster.Tools.RunAsync("log *servo -l")).Output.ShouldContain("Leads the cluster marathon.servo");
        (await cluster.Pod.PostAsync("info")).Body.ShouldContain("\"dependencies\":[\"portal\"]");
    }

    [Fact]
    public async Task Polling_shows_the_token_as_the_users_document_does()
    {
        var poll = await cluster.Tools.RunAsync("poll *servo");

        var lines = poll.Output.Split('\n');
        lines[0].ShouldBe("1 pods, 100% replies ->");
        lines[2].ShouldBe("pod                |  metrics");
        lines[4].ShouldMatch(@"^marathon\.servo #0  \|  \{""token"": ""edAZR8atfOahd7tfPnVo3xpJX\+ks6wsV"", ""uptime"": ""0\.0\d hours \(pid \d+\)""\}$");
        (await cluster.Tools.JsonAsync("poll *servo")).GetProperty(SinglePod.Name).GetProperty("token").GetString().ShouldBe(Gateway.Token);
    }

    [Theory]
    [InlineData("run ./x.tgz a.py --variables=a:1")]
    [InlineData("run .//x.tgz a.py --var a:1")]
    [InlineData("run -va:1 x.tgz a.py")]
    [InlineData("run x.tgz -v=a:1 a.py")]
    [InlineData("run x.tgz --v=a:1 -- a.py")]
    public async Task Options_are_read_as_the_original_reads_them(string line)
    {
        await cluster.PackAsync("import os\nprint(os.environ['A'])\n");

        var printed = await ChildProcess.RunAsync(
            cluster.Folder.Path, "curl", "-sS", "-H", $"X-Shell: {line}", "-F", "x.tgz=@x.tgz", $"http://127.0.0.1:{cluster.Pod.ControlPort}/exec");

        var answer = JsonDocument.Parse(printed).RootElement;
        answer.GetProperty("code").GetInt32().ShouldBe(0, printed);
        SinglePod.Lines(answer).Where(text => !text.StartsWith("$CALLBACK", StringComparison.Ordinal)).WithoutSeconds().ShouldBe(
            ["$A = 1", "1", "a.py ran in N seconds"]);
    }

    [Fact]
    public async Task A_script_that_fails_is_exit_code_1_with_its_log()
    {
        await cluster.PackAsync("import sys; print('oh no'); sys.exit(7)");

        var pod = (await cluster.Tools.JsonAsync("exec *servo --force run x.tgz a.py")).GetProperty(SinglePod.Name);

        pod.GetProperty("code").GetInt32().ShouldBe(1);
        SinglePod.Lines(pod)[^1].ShouldBe("failure (a.py failed on exit code 7)");
    }

    [Fact]
    public async Task Scripts_reach_the_control_port_and_the_docs_say_so()
    {
        await cluster.PackAsync($"""
            import json, urllib.request
            info = json.load(urllib.request.urlopen(urllib.request.Request('http://127.0.0.1:{cluster.Pod.ControlPort}/info', data=b'', method='POST')))
            print('token of ' + str(len(info['metrics']['token'])))
            """);

        var run = (await cluster.Tools.JsonAsync("exec *servo --force run x.tgz a.py")).GetProperty(SinglePod.Name);

        SinglePod.Lines(run).ShouldContain($"token of {Gateway.Token.Length}", run.ToString());
        foreach (var page in new[] { "docs/security.md", "deploy/README.md", "docs/pods.md" })
            (await File.ReadAllTextAsync(Path.Join(Repository.Root, page), TestContext.Current.CancellationToken)).ReplaceLineEndings(" ")
                .ShouldMatch(@"scripts( of\s+its( own)? runs)? reach it too[^.]*in a pod the( servo)? token is not secret from them");
    }
}
