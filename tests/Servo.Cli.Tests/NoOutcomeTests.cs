using System.Text.Json;
using Servo.Testing;

namespace Servo.Cli.Tests;

/// <summary>Runs without an outcome: exit code 3.</summary>
public sealed class NoOutcomeTests(PublishedGateway gateway) : IClassFixture<PublishedGateway>, IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_gateway_that_cannot_be_reached()
    {
        _folder.Write("deploy/a.py", "");

        var result = await RunAsync("http://127.0.0.1:1", Gateway.Token, "--retries", "0");

        result.ExitCode.ShouldBe(3);
        result.Output.ShouldBeEmpty();
        result.Error.ShouldStartWith("servo: http://127.0.0.1:1 cannot be reached");
    }

    [Fact]
    public async Task A_wrong_token()
    {
        _folder.Write("deploy/a.py", "");

        var result = await RunAsync(gateway.Host.Url, "a-wrong-token", "--json");
        var json = JsonDocument.Parse(result.Output).RootElement;

        result.ExitCode.ShouldBe(3);
        result.Error.ShouldContain("did not accept the signature (403)");
        result.Error.ShouldNotContain("a-wrong-token");
        result.Error.ShouldContain("--algorithm sha1");
        result.Error.ShouldNotContain("ServoClientOptions");
        json.GetProperty("ok").GetBoolean().ShouldBeFalse();
        json.GetProperty("error").GetProperty("kind").GetString().ShouldBe("bad-signature");
        json.GetProperty("error").GetProperty("status").GetInt32().ShouldBe(403);
        result.Error.ShouldContain(json.GetProperty("error").GetProperty("detail").GetString()!);
    }

    [Fact]
    public async Task A_time_limit_that_has_passed_names_the_run_that_goes_on()
    {
        _folder.Write("deploy/a.py", "import time; print('first', flush=True); time.sleep(600)");

        var result = await RunAsync(gateway.Host.Url, Gateway.Token, "--timeout", "4s", "--json");
        var error = JsonDocument.Parse(result.Output).RootElement.GetProperty("error");

        result.ExitCode.ShouldBe(3);
        error.GetProperty("kind").GetString().ShouldBe("timed-out");
        result.Error.ShouldContain($"started run {error.GetProperty("runId").GetString()}");
        result.Error.ShouldContain($"The run {error.GetProperty("runId").GetString()} was accepted and is not stopped by this");
    }

    [Fact]
    public async Task A_connection_that_breaks_leaves_nothing_untold_that_was_known()
    {
        _folder.Write("deploy/a.py", "");
        await using var server = await WebServer.StartAsync(static (_, context) => WebServer.AnswerAsync(context, 200, "application/x-ndjson", """
            {"event":"run","id":"r1"}
            {"event":"line","n":1,"script":"a.py","stream":"servo","text":"a.py ran in 0 seconds"}
            {"event":"script","name":"a.py","exitCode":4,"seconds":0.4}
            {"event":"line","n":2,"script":null,"stream":"servo","text":"failure (a.py failed on exit code 4)"}

            """));

        var result = await RunAsync(server.Url.OriginalString, Gateway.Token);

        result.ExitCode.ShouldBe(3);
        result.Output.ShouldBe("failure (a.py failed on exit code 4)\n");
        result.Error.ShouldContain("started run r1\na.py ended with exit code 4 after 0.4 s\nservo: ");
        result.Error.ShouldEndWith(" It is unknown whether the run r1 is still going: search the gateway's log for r1.\n");
    }

    [Fact]
    public async Task A_gateway_that_is_killed_leaves_the_runs_end_unknown()
    {
        _folder.Write("deploy/a.py", Scripts.Waiting);
        await using var doomed = await Gateway.StartAsync();
        await using var tool = ServoTool.Start(_folder.Path, [("SERVO_URL", doomed.Url), ("SERVO_TOKEN", Gateway.Token)], "run", "deploy", "a.py", "--reconnect-timeout", "2s");
        await Scripts.ReadToFirstAsync(tool);

        await ChildProcess.RunAsync("/", "kill", "-KILL", $"{doomed.ProcessId}");
        var result = await tool.EndAsync();

        result.ExitCode.ShouldBe(3);
        result.Error.ShouldMatch("started run (\\w+)\nThe connection to run \\1 broke: trying to follow it again\\.\nservo: .* It is unknown whether the run \\1 is still going: search the gateway's log for \\1\\.\n\\z");
        result.Error.ShouldNotContain("goes on in");
    }

    [Fact]
    public async Task A_disk_that_is_full_is_no_broken_connection()
    {
        _folder.Write("deploy/a.py", "print('a')");

        foreach (var options in (string[])["", "--github"])
        {
            var result = await ServoTool.InShellAsync(_folder.Path, gateway.Environment, $"servo run deploy a.py {options} > /dev/full");

            result.ExitCode.ShouldBe(3);
            result.Error.ShouldContain("servo: The output cannot be written: No space left on device. Free space, or redirect it elsewhere. ");
            result.Error.ShouldNotContain("connection");
        }

        (await ServoTool.InShellAsync(_folder.Path, gateway.Environment, "servo run deploy a.py 2> /dev/full")).ExitCode.ShouldBe(3);
        (await ServoTool.InShellAsync(_folder.Path, gateway.Environment, "servo rnu 2> /dev/full")).ExitCode.ShouldBe(2);
    }

    [Fact]
    public async Task A_busy_gateway_is_asked_again_and_the_pause_is_told()
    {
        _folder.Write("deploy/a.py", "");
        await using var server = await WebServer.StartAsync(
            static (number, context) => number > 0 ? WebServer.SucceedAsync(context) : WebServer.BusyAsync(context, "1"));

        var result = await RunAsync(server.Url.OriginalString, Gateway.Token);

        result.ExitCode.ShouldBe(0, result.Error);
        result.Error.ShouldMatch("Trying again in \\d+\\.\\d s\\.\nuploaded \\d+ bytes\nstarted run r1\nrun r1 succeeded\n\\z");
    }

    [Fact]
    public async Task A_busy_gateway_without_retries()
    {
        _folder.Write("deploy/a.py", "");
        await using var server = await WebServer.StartAsync(static (_, context) => WebServer.BusyAsync(context, "1"));

        var result = await RunAsync(server.Url.OriginalString, Gateway.Token, "--retries", "0", "--json");

        result.ExitCode.ShouldBe(3);
        JsonDocument.Parse(result.Output).RootElement.GetProperty("error").ShouldSatisfyAllConditions(
            error => error.GetProperty("kind").GetString().ShouldBe("busy"),
            error => error.GetProperty("status").GetInt32().ShouldBe(429));
    }

    private Task<ProcessResult> RunAsync(string url, string token, params string[] options) =>
        ServoTool.RunAsync(_folder.Path, [("SERVO_URL", url), ("SERVO_TOKEN", token)], ["run", "deploy", "a.py", .. options]);
}
