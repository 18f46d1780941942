using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Servo.Testing;

namespace Servo.Ochopod.Tests;

/// <summary>What a pod makes of its environment when it starts. No ZooKeeper is needed for that.</summary>
public sealed class StartTests
{
    private const string Nowhere = "127.0.0.1:9";

    [Theory]
    [InlineData("pod", "{\"token\": \"secret-token", "Servo cannot start: The settings in the variable pod are not JSON (line 1, byte ")]
    [InlineData("pod", "[1]", "Servo cannot start: The settings in the variable pod must be a JSON object.")]
    [InlineData("pod", "{\"token\": 7}", "Servo cannot start: The member 'token' of the settings in the variable pod must be a string that is not empty.")]
    [InlineData("ochopod_port", "eighty", "Servo cannot start: ochopod_port is not a port number: 'eighty'.")]
    [InlineData("PORT_80", "many", "Servo cannot start: PORT_80 is not a port number: 'many'.")]
    [InlineData("ochopod_start", "maybe", "Servo cannot start: ochopod_start must be true or false.")]
    [InlineData("ochopod_zk", "zk://", "names no ZooKeeper servers")]
    [InlineData("ochopod_local", "false", "* MARATHON_APP_ID is not set.")]
    [InlineData("Servo__Token", "another-token", "Servo cannot start: Servo:Token and the token in the settings of the variable pod differ")]
    [InlineData("Servo__Pod__Shell", "perhaps", "Servo cannot start: Servo:Pod:Shell must be true or false.")]
    public async Task A_bad_environment_stops_the_host_with_a_sentence(string name, string value, string said)
    {
        using var root = new TempDirectory();
        string[] environment =
        [
            $"Servo__Workspace__Root={root.Path}", "ochopod_local=true", $"ochopod_zk=zk://{Nowhere}", "ochopod_cluster=servo", $"pod={{\"token\": \"{Gateway.Token}\"}}", $"{name}={value}",
        ];

        var host = await ChildProcess.TryAsync(root.Path, "env", [.. environment, "dotnet", Gateway.HostAssembly, "--urls", "http://127.0.0.1:0"]);

        host.ExitCode.ShouldBe(1);
        host.Error.ShouldContain(said);
        (host.Error + host.Output).ShouldNotContain("secret-token");
        (host.Error + host.Output).ShouldNotContain(Gateway.Token);
    }

    [Fact]
    public async Task Callbacks_lead_to_the_registered_address_and_the_mapped_port()
    {
        await using var metadata = await Ec2Async();
        var port = LoopbackPorts.Free();
        await using var pod = await Pod.StartAsync(Nowhere,
            ("ochopod_local", "false"), ("MARATHON_APP_ID", "/ochopod/servo"), ("MESOS_TASK_ID", "task-9"), ("HOST", "localhost"),
            ($"PORT_{port}", "31007"), ("Servo__Pod__MetadataUrl", metadata.Urls.First()), ("ASPNETCORE_HTTP_PORTS", ""),
            ("Kestrel__Endpoints__Http__Url", $"http://127.0.0.1:{port}"));
        using var bundle = new TempDirectory();
        bundle.Write("a.py", "print('ran')");
        await ChildProcess.RunAsync(bundle.Path, "tar", "zcf", bundle.File("x.tgz"), "a.py");

        var printed = await ChildProcess.RunAsync(
            bundle.Path, "curl", "-sS", "-H", "X-Shell: run x.tgz a.py", "-F", "x.tgz=@x.tgz", $"http://127.0.0.1:{pod.ControlPort}/exec");

        printed.ShouldContain("$CALLBACK = http://127.7.7.7:31007/callback/");
        var info = JsonDocument.Parse((await pod.PostAsync("info")).Body).RootElement;
        (info.GetProperty("ip").GetString(), info.GetProperty("public").GetString(), info.GetProperty("node").GetString()).ShouldBe(
            ("127.7.7.7", "203.0.113.9", "i-0123"));
        (info.GetProperty("application").GetString(), info.GetProperty("task").GetString()).ShouldBe(("ochopod/servo", "task-9"));
    }

    [Fact]
    public async Task The_app_for_marathon_starts_as_a_pod()
    {
        var app = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Join(Repository.Root, "deploy/marathon/servo.json"), TestContext.Current.CancellationToken)).RootElement;
        var environment = app.GetProperty("env").EnumerateObject().Select(variable => (variable.Name, variable.Value.GetString()!));

        // What Marathon, and a machine of its own, add.
        await using var pod = await Pod.StartAsync(Nowhere,
        [
            .. environment, ("ochopod_local", ""), ("MARATHON_APP_ID", app.GetProperty("id").GetString()!), ("MESOS_TASK_ID", "task-1"), ("HOST", "localhost"), ("Servo__Pod__MetadataUrl", "http://127.0.0.1:9/"),
        ]);

        var info = JsonDocument.Parse((await pod.PostAsync("info")).Body).RootElement;
        info.GetProperty("application").GetString().ShouldBe("ochopod.marathon.servo");
        info.GetProperty("metrics").GetProperty("token").GetString()!.Length.ShouldBe(32);
        pod.Host.Log.ShouldNotContain(info.GetProperty("metrics").GetProperty("token").GetString()!);
    }

    [Fact]
    public async Task Without_a_metadata_service_the_address_is_that_of_the_machines_name()
    {
        var watch = Stopwatch.StartNew();
        await using var pod = await Pod.StartAsync(Nowhere,
            ("ochopod_local", "false"), ("MARATHON_APP_ID", "/servo"), ("MESOS_TASK_ID", "t"), ("HOST", "localhost"),
            ("Servo__Pod__MetadataUrl", "http://127.0.0.1:9/"));

        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(20));
        var info = JsonDocument.Parse((await pod.PostAsync("info")).Body).RootElement;
        (info.GetProperty("ip").GetString(), info.GetProperty("public").GetString(), info.GetProperty("node").GetString()).ShouldBe(
            ("127.0.0.1", "", "localhost"));
    }

    [Fact]
    public async Task A_pod_that_is_not_to_start_takes_runs_once_it_is_turned_on()
    {
        await using var pod = await Pod.StartAsync(Nowhere, ("ochopod_start", "false"));
        using var http = new HttpClient();

        (await http.GetAsync(new Uri($"{pod.Host.Url}/ready"), TestContext.Current.CancellationToken)).StatusCode.ShouldBe(
            System.Net.HttpStatusCode.ServiceUnavailable);
        (await pod.PostAsync("control/on")).Status.ShouldBe(200);
        (await http.GetAsync(new Uri($"{pod.Host.Url}/ready"), TestContext.Current.CancellationToken)).StatusCode.ShouldBe(System.Net.HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_shell_is_there_only_where_it_is_allowed()
    {
        await using var pod = await Pod.StartAsync(Nowhere, ("Servo__Pod__Shell", "true"));

        var (status, body) = await pod.PostAsync("exec", ("X-Shell", "shell echo one; echo two >&2; (sleep 100 &) ; env | grep -c SERVO; exit 3"));

        status.ShouldBe(200);
        var answer = JsonDocument.Parse(body).RootElement;
        answer.GetProperty("code").GetInt32().ShouldBe(3);
        answer.GetProperty("stdout").EnumerateArray().Select(line => line.GetString()).ShouldBe(["one", "0"]);
    }

    private static async Task<WebApplication> Ec2Async()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapGet("/latest/meta-data/local-ipv4", () => "127.7.7.7");
        app.MapGet("/latest/meta-data/public-ipv4", () => "203.0.113.9");
        app.MapGet("/latest/meta-data/instance-id", () => "i-0123");
        await app.StartAsync();

        // The pod gives it one second, and the first answer of a server takes the longest.
        using var http = new HttpClient();
        await http.GetStringAsync(new Uri($"{app.Urls.First()}/latest/meta-data/instance-id"));
        return app;
    }
}
