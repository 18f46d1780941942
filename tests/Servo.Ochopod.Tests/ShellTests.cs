using System.Net;
using System.Text.Json;
using Servo.Testing;

namespace Servo.Ochopod.Tests;

/// <summary>The tool <c>shell</c> under the rules that hold for runs. No ZooKeeper is needed for that.</summary>
public sealed class ShellTests : IDisposable
{
    private const string Nowhere = "127.0.0.1:9";

    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_line_waits_for_its_place_as_a_run_does_and_is_refused_where_there_is_none()
    {
        await using var pod = await Pod.StartAsync(
            Nowhere, ("Servo__Pod__Shell", "true"), ("Servo__Runs__MaxConcurrent", "1"), ("Servo__Runs__MaxQueued", "1"));
        var first = ShellAsync(pod, Waiting);
        await Eventually.HoldsAsync(() => File.Exists(_folder.File("begun")), _folder.Path);

        var second = ShellAsync(pod, $"ls {_folder.Path}; echo second");
        await NotReadyAsync(pod);

        (await ShellAsync(pod, "echo third")).ShouldBe((1, "unexpected failure -> All 2 places for runs are taken. Try again later."));
        _folder.Write("go", "");
        (await first).ShouldBe((0, "first"));
        (await second).ShouldBe((0, "begun, go, second"));
    }

    [Fact]
    public async Task A_line_is_refused_while_the_pod_is_off()
    {
        await using var pod = await Pod.StartAsync(Nowhere, ("Servo__Pod__Shell", "true"));

        (await pod.PostAsync("control/off")).Status.ShouldBe(200);
        (await ShellAsync(pod, "echo never")).ShouldBe(
            (1, "unexpected failure -> This servo pod is off. Turn it on ('on *servo --force' in the Ochothon CLI), or use another."));

        (await pod.PostAsync("control/on")).Status.ShouldBe(200);
        (await ShellAsync(pod, "echo again")).ShouldBe((0, "again"));
    }

    [Fact]
    public async Task A_host_that_stops_refuses_a_line_and_waits_for_the_one_that_runs()
    {
        await using var pod = await Pod.StartAsync(Nowhere, ("Servo__Pod__Shell", "true"));
        var first = ShellAsync(pod, Waiting);
        await Eventually.HoldsAsync(() => File.Exists(_folder.File("begun")), _folder.Path);

        var stop = pod.Host.StopAsync();
        await NotReadyAsync(pod);

        (await ShellAsync(pod, "echo never")).ShouldBe((1, "unexpected failure -> The gateway is shutting down. Try again later."));
        _folder.Write("go", "");
        (await first).ShouldBe((0, "first"));
        (await stop).ShouldBe(0);
    }

    /// <summary>A line that says that it has begun, and ends when it may.</summary>
    private string Waiting => $"touch {_folder.Path}/begun; while [ ! -e {_folder.Path}/go ]; do sleep 0.05; done; echo first";

    private static async Task<(int Code, string Output)> ShellAsync(Pod pod, string line)
    {
        var (status, body) = await pod.PostAsync("exec", ("X-Shell", $"shell {line}"));

        status.ShouldBe(200);
        var answer = JsonDocument.Parse(body).RootElement;
        return (answer.GetProperty("code").GetInt32(), string.Join(", ", SinglePod.Lines(answer)));
    }

    private static async Task NotReadyAsync(Pod pod)
    {
        using var http = new HttpClient();
        var ready = new Uri($"{pod.Host.Url}/ready");
        await Pod.SoonAsync(async () => (await http.GetAsync(ready, TestContext.Current.CancellationToken)).StatusCode == HttpStatusCode.ServiceUnavailable);
    }
}
