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
        result.Error.ShouldContain($"The run {error.GetProperty("runId").GetString()} had begun and is not stopped by that");
    }

    [Fact]
    public async Task A_busy_gateway_is_asked_again_and_the_pause_is_told()
    {
        _folder.Write("deploy/a.py", "");
        await using var server = await WebServer.StartAsync(static (number, context) => number > 0 ? WebServer.SucceedAsync(context) : WebServer.BusyAsync(context, "1"));

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

    private Task<ShellResult> RunAsync(string url, string token, params string[] options) =>
        Tool.RunAsync(_folder.Path, [("SERVO_URL", url), ("SERVO_TOKEN", token)], ["run", "deploy", "a.py", .. options]);
}
