using Servo.Testing;

namespace Servo.Ochopod.Tests;

/// <summary>One pod in a real cluster: what its tools do with it. Each test has a cluster of its own, as it changes it.</summary>
public sealed class ToolsetTests : SinglePod
{
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
    public async Task Reset_registers_again_under_the_same_number()
    {
        (await Tools.RunAsync("reset *servo --force")).ExitCode.ShouldBe(0);

        await Tools.UntilAsync("grep *servo", found => found.TryGetProperty(Name, out var pod) && pod.GetProperty("state").GetString() == "leader");
        await Pod.SoonAsync(() => Pod.Host.Log.Split("Registered as").Length >= 3);
        Pod.Host.Log.Split("Registered as").Length.ShouldBe(3);
    }
}
