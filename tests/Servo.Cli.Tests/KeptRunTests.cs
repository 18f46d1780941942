using System.Text.Json;
using Servo.Testing;

namespace Servo.Cli.Tests;

/// <summary>Runs that the gateway keeps, against a server that answers as one.</summary>
public sealed class KeptRunTests : IDisposable
{
    private const string Document =
        """{"id":"r1","state":"succeeded","accepted":"2026-11-26T08:00:00.000Z","started":"2026-11-26T08:00:01.000Z","ended":"2026-11-26T08:00:03.500Z" """
        + """,  "scripts":[{"name":"a.py","exitCode":0,"seconds":2.5}],"caller":"10.0.0.1","detached":true,"archive":{"bytes":12},"variables":[],"locks":["db"]}""";

    private readonly TempDirectory _folder = new();

    public KeptRunTests() => _folder.Write("deploy/a.py", "");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Runs_are_a_table_or_a_document()
    {
        await using var gateway = await AnsweringAsync(200, $$"""{"runs":[{{Document}}],"next":null}""");

        var table = await RunAsync(gateway, [], "ps", "--state", "succeeded", "--limit", "5");
        var json = await RunAsync(gateway, [], "ps", "--json");

        table.ExitCode.ShouldBe(0, table.Error);
        table.Output.ShouldBe("""
            ID  STATE      ACCEPTED                  TOOK   CALLER    SCRIPTS
            r1  succeeded  2026-11-26T08:00:00.000Z  2.5 s  10.0.0.1  a.py

            """);
        JsonDocument.Parse(json.Output).RootElement.GetProperty("runs")[0].GetProperty("locks")[0].GetString().ShouldBe("db");
        gateway.Targets.ShouldBe(["/runs?state=succeeded&limit=5", "/runs?limit=20"]);
    }

    [Fact]
    public async Task A_run_is_shown()
    {
        await using var gateway = await AnsweringAsync(200, Document);

        var text = await RunAsync(gateway, [], "show", "r1");
        var json = await RunAsync(gateway, [], "show", "r1", "--json");

        text.Output.ShouldStartWith("id        r1\nstate     succeeded\n");
        text.Output.ShouldContain("script    a.py: exit code 0 after 2.5 s\n");
        JsonDocument.Parse(json.Output).RootElement.GetProperty("state").GetString().ShouldBe("succeeded");
    }

    [Fact]
    public async Task A_run_that_waits_is_shown_with_what_it_waits_for()
    {
        await using var gateway = await AnsweringAsync(
            200,
            Document.Replace("succeeded", "waiting", StringComparison.Ordinal)
                .Replace("\"locks\"", "\"position\":2,\"waitsFor\":[{\"lock\":\"db\",\"run\":\"r0\"}],\"locks\"", StringComparison.Ordinal));

        (await RunAsync(gateway, [], "show", "r1")).Output.ShouldContain("state     waiting, position 2, waits for db (run r0)\n");
    }

    [Theory]
    [InlineData(404, "unknown-run")]
    [InlineData(403, "unsigned-request")]
    public async Task A_log_that_is_refused_is_told_as_every_other_refusal(int status, string kind)
    {
        await using var gateway = await DurableGateway.StartAsync();
        gateway.Answer = async context =>
        {
            await DurableGateway.RefuseAsync(context, status, kind);
            return true;
        };

        var log = await RunAsync(gateway, [], "logs", "r1");
        var shown = await RunAsync(gateway, [], "show", "r1");

        log.Error.ShouldBe(shown.Error);
        log.ExitCode.ShouldBe(shown.ExitCode);
        log.Error.ShouldNotContain("older gateway");
        gateway.Requests.First().Headers["Accept"].ShouldContain("application/problem+json");
    }

    [Fact]
    public async Task A_log_is_printed_or_followed()
    {
        await using var gateway = await DurableGateway.StartAsync(
            DurableGateway.Accepted + DurableGateway.Line(1, 1, "one"), DurableGateway.Accepted + DurableGateway.Line(2, 2, "two") + DurableGateway.Result(3));

        (await RunAsync(gateway, [], "logs", "-f", "r1")).ShouldSatisfyAllConditions(
            result => result.ExitCode.ShouldBe(0, result.Error), result => result.Output.ShouldBe("one\ntwo\n"));

        await using var still = await AnsweringAsync(200, "one\n");
        (await RunAsync(still, [], "logs", "r1")).Output.ShouldBe("one\n");
    }

    [Fact]
    public async Task Waiting_ends_with_the_exit_code_of_the_run()
    {
        await using var gateway = await DurableGateway.StartAsync(
            DurableGateway.Accepted + """{"event":"waiting","seq":0,"waitsFor":[{"lock":"db","run":"r0"}]}""" + "\n"
            + """{"event":"result","seq":1,"ok":false,"id":"r1","scripts":[],"failure":{"kind":"not-started","detail":"too late"}}""" + "\n");

        var result = await RunAsync(gateway, [], "wait", "r1");

        result.ExitCode.ShouldBe(1);
        result.Output.ShouldBeEmpty();
        result.Error.ShouldBe("run r1 waits for db (run r0)\nrun r1 failed: too late (not-started)\n");
    }

    [Fact]
    public async Task A_run_is_cancelled()
    {
        await using var gateway = await DurableGateway.StartAsync();

        var result = await RunAsync(gateway, [], "cancel", "r1");

        (result.ExitCode, result.Output).ShouldBe((0, "cancelled\n"));
    }

    [Fact]
    public async Task An_unknown_run_is_exit_code_3()
    {
        await using var gateway = await DurableGateway.StartAsync();

        var result = await RunAsync(gateway, [], "wait", "r9");

        result.ExitCode.ShouldBe(3);
        result.Error.ShouldContain("refused the request (404)");
    }

    [Fact]
    public async Task A_detached_run_is_its_id()
    {
        await using var gateway = await AnsweringAsync(202, Document);

        var result = await RunAsync(gateway, [], "run", "deploy", "a.py", "--detach", "--lock", "db", "--lock", "web;shared", "--run-timeout", "5m", "--queue-timeout", "90");

        (result.ExitCode, result.Output).ShouldBe((0, "r1\n"));
        var headers = gateway.Requests.Single().Headers;
        (headers["Prefer"], headers["X-Lock"], headers["X-Timeout"], headers["X-Queue-Timeout"]).ShouldBe(("respond-async", "db, web;shared", "300", "90"));
        headers.ShouldNotContainKey("Idempotency-Key");
    }

    [Fact]
    public async Task The_key_of_a_job_names_one_command_until_its_end_is_known()
    {
        await using var gateway = await AnsweringAsync(503, "");
        (string, string?)[] job = [("CI_JOB_ID", "17"), ("TMPDIR", _folder.Path)];

        await RunAsync(gateway, job, "run", "deploy", "a.py", "--retries", "0");
        await RunAsync(gateway, job, "run", "deploy", "a.py", "--retries", "0");
        await RunAsync(gateway, job, "run", "deploy", "a.py", "--retries", "0", "--var", "X=1");
        await RunAsync(gateway, [("CI_JOB_ID", "18"), ("TMPDIR", _folder.Path)], "run", "deploy", "a.py", "--retries", "0");
        await RunAsync(gateway, job, "run", "deploy", "a.py", "--retries", "0", "--idempotency-key", "mine");
        await RunAsync(gateway, job, "run", "deploy", "a.py", "--retries", "0", "--idempotency-key", "");

        var keys = gateway.Requests.Select(request => request.Headers.GetValueOrDefault("Idempotency-Key")).ToArray();
        keys[0]!.ShouldMatch("^gitlab-[0-9a-f]{32}/1$");
        keys[1].ShouldBe(keys[0]);
        keys.Take(4).Distinct().Count().ShouldBe(3);
        keys[4..].ShouldBe(["mine", null]);
    }

    [Fact]
    public async Task The_same_command_twice_in_a_job_is_two_runs()
    {
        var end = DurableGateway.Accepted + DurableGateway.Started + DurableGateway.Result(2);
        await using var gateway = await DurableGateway.StartAsync(end, end);
        (string, string?)[] job =
        [
            ("GITHUB_RUN_ID", "1"), ("GITHUB_RUN_ATTEMPT", "1"), ("GITHUB_JOB", "deploy"), ("RUNNER_NAME", "r"), ("RUNNER_TEMP", _folder.Path),
        ];

        (await RunAsync(gateway, job, "run", "deploy", "a.py")).ExitCode.ShouldBe(0);
        (await RunAsync(gateway, job, "run", "deploy", "a.py")).ExitCode.ShouldBe(0);

        var keys = gateway.Requests.Select(request => request.Headers["Idempotency-Key"]).ToArray();
        keys[0].ShouldEndWith("/1");
        keys[1].ShouldBe(keys[0][..^1] + "2");
    }

    private Task<ProcessResult> RunAsync(DurableGateway gateway, (string, string?)[] environment, params string[] arguments) =>
        ServoTool.RunAsync(_folder.Path, [("SERVO_URL", gateway.Url.OriginalString), ("SERVO_TOKEN", DurableGateway.Token), .. environment], arguments);

    private static async Task<DurableGateway> AnsweringAsync(int status, string body)
    {
        var gateway = await DurableGateway.StartAsync();
        gateway.Answer = async context =>
        {
            await WebServer.AnswerAsync(context, status, "application/json", body);
            return true;
        };
        return gateway;
    }
}
