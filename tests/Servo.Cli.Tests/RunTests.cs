using System.Text.Json;
using Servo.Testing;

namespace Servo.Cli.Tests;

/// <summary>Runs of <c>servo run</c> that came to an outcome.</summary>
public sealed class RunTests(PublishedGateway gateway) : IClassFixture<PublishedGateway>, IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Standard_output_is_the_log_and_standard_error_tells_the_rest_without_escape_codes()
    {
        _folder.Write("deploy/a.py", "import os; print('[red]', os.environ['PODS'], os.environ['GREETING'])");
        _folder.Write("deploy/b.py", "print('b')");

        var result = await RunAsync("run", "deploy", "a.py", "b.py", "--var", "PODS=x=3", "--var", "Greeting=grüß dich");

        result.ExitCode.ShouldBe(0, result.Error);
        var lines = result.Output.TrimEnd('\n').Split('\n');
        lines[0].ShouldStartWith("$CALLBACK = ");
        lines.ShouldContain("[red] x=3 grüß dich");
        lines[^1].ShouldBe("b");
        result.Error.ShouldMatch("""\Auploaded \d+ bytes\nstarted run (\w+)\na.py ended with exit code 0 after \d+\.\d s\nb.py ended with exit code 0 after .*\nrun \1 succeeded\n\z""");
        (result.Output + result.Error).ShouldNotContain('\e');
    }

    [Fact]
    public async Task A_failed_script_is_exit_code_1_and_its_end_is_told_once()
    {
        _folder.Write("deploy/a.py", "print('failure (not yet)')");
        _folder.Write("deploy/bad.py", "import sys; print('before'); print('bad.py ran in 3 seconds'); sys.exit(4)");

        var result = await RunAsync("run", "deploy", "a.py", "bad.py");

        result.ExitCode.ShouldBe(1);
        result.Output.ShouldMatch("\\A\\$CALLBACK = .*\nfailure \\(not yet\\)\nbefore\nbad.py ran in 3 seconds\n\\z");
        result.Error.ShouldMatch(
            "\\Auploaded .*\nstarted run (\\w+)\na.py ended with exit code 0 after \\d+\\.\\d s\nrun \\1 failed: bad.py failed on exit code 4 \\(script-failed\\)\n\\z");
    }

    [Fact]
    public async Task A_failure_that_names_no_script_leaves_the_scripts_end_to_be_told()
    {
        _folder.Write("deploy/a.py", "");
        await using var server = await WebServer.StartAsync(static (_, context) => WebServer.AnswerAsync(context, 200, "application/x-ndjson", """
            {"event":"run","id":"r1"}
            {"event":"line","n":1,"script":"a.py","stream":"servo","text":"a.py ran in 0 seconds"}
            {"event":"script","name":"a.py","exitCode":143,"seconds":0.4}
            {"event":"line","n":2,"script":null,"stream":"servo","text":"failure (the run was ended: the gateway is shutting down)"}
            {"event":"result","ok":false,"id":"r1","scripts":[],"failure":{"kind":"cancelled","detail":"the run was ended: the gateway is shutting down"}}

            """));

        var result = await ServoTool.RunAsync(
            _folder.Path, [("SERVO_URL", server.Url.OriginalString), ("SERVO_TOKEN", Gateway.Token)], ["run", "deploy", "a.py"]);

        result.ExitCode.ShouldBe(1);
        result.Output.ShouldBeEmpty();
        result.Error.ShouldEndWith(
            "started run r1\na.py ended with exit code 143 after 0.4 s\nrun r1 failed: the run was ended: the gateway is shutting down (cancelled)\n");
    }

    [Fact]
    public async Task A_failure_at_an_original_servo_is_told_without_a_kind()
    {
        _folder.Write("deploy/bad.py", "");
        await using var server = await WebServer.StartAsync(static (_, context) =>
            WebServer.AnswerAsync(
                context, 200, "application/json; charset=utf-8",
                """{"ok": 0, "log": ["$CALLBACK = x", "before", "failure (bad.py failed on exit code 4)"]}"""));

        var result = await ServoTool.RunAsync(
            _folder.Path, [("SERVO_URL", server.Url.OriginalString), ("SERVO_TOKEN", Gateway.Token)],
            ["run", "deploy", "bad.py", "--algorithm", "sha1"]);

        result.ExitCode.ShouldBe(1);
        result.Output.ShouldBe("$CALLBACK = x\nbefore\n");
        result.Error.ShouldMatch("\\Auploaded \\d+ bytes\nthe run failed: bad.py failed on exit code 4\n\\z");
    }

    [Fact]
    public async Task The_first_line_is_there_while_the_script_still_runs()
    {
        _folder.Write("deploy/slow.py", Scripts.Waiting);
        await using var tool = ServoTool.Start(_folder.Path, gateway.Environment, "run", "deploy", "slow.py");
        using var http = new HttpClient();

        var callback = await Scripts.ReadToFirstAsync(tool);
        (await http.PostAsync($"{callback}/go", new StringContent(""))).EnsureSuccessStatusCode();
        var result = await tool.EndAsync();

        result.ExitCode.ShouldBe(0);
        result.Output.ShouldStartWith("second\n");
    }

    [Fact]
    public async Task The_address_and_a_token_file_may_be_given_instead_of_the_environment()
    {
        _folder.Write("deploy/a.py", "print('a')");
        _folder.Write("token", $"{Gateway.Token}\n");

        var result = await ServoTool.RunAsync(
            _folder.Path, [("SERVO_URL", "http://127.0.0.1:1"), ("SERVO_TOKEN", "wrong")], "run", "deploy", "a.py", "--url",
            gateway.Host.Url, "--token-file", "token", "--algorithm", "sha512");

        result.ExitCode.ShouldBe(0, result.Error);
    }

    [Fact]
    public async Task Json_is_one_document_on_standard_output()
    {
        _folder.Write("deploy/a.py", "print('a \\x1b[1m \"quoted\"')");
        _folder.Write("deploy/bad.py", "import sys; sys.exit(4)");

        var result = await RunAsync("run", "deploy", "a.py", "bad.py", "--json");
        var json = JsonDocument.Parse(result.Output).RootElement;

        result.ExitCode.ShouldBe(1);
        result.Output.Count(character => character == '\n').ShouldBe(1);
        json.EnumerateObject().Select(member => member.Name).ShouldBe(["ok", "id", "scripts", "failure", "log"]);
        json.GetProperty("ok").GetBoolean().ShouldBeFalse();
        result.Error.ShouldContain($"started run {json.GetProperty("id").GetString()}");
        json.GetProperty("scripts").EnumerateArray()
            .Select(script => (script.GetProperty("name").GetString(), script.GetProperty("exitCode").GetInt32()))
            .ShouldBe([("a.py", 0), ("bad.py", 4)]);
        json.GetProperty("scripts")[0].GetProperty("seconds").GetDouble().ShouldBeGreaterThan(0);
        json.GetProperty("failure").GetProperty("kind").GetString().ShouldBe("script-failed");
        json.GetProperty("failure").GetProperty("detail").GetString().ShouldBe("bad.py failed on exit code 4");
        json.GetProperty("log").EnumerateArray().Select(line => line.GetString()).ShouldContain("a \e[1m \"quoted\"");
        result.Output.ShouldNotContain('\e');
    }

    [Fact]
    public async Task An_archive_is_sent_as_it_is()
    {
        _folder.Write("deploy/a.py", "print('from the archive')");
        await ChildProcess.RunAsync(_folder.Path, "tar", "czf", "x.tgz", "-C", "deploy", "a.py");

        (await RunAsync("run", "x.tgz", "a.py")).Output.ShouldContain("from the archive\n");
        (await RunAsync("run", "x.tgz", "a.py", "--exclude", "b")).ShouldSatisfyAllConditions(
            result => result.ExitCode.ShouldBe(2),
            result => result.Error.ShouldBe("servo: 'x.tgz' is an archive, which is sent as it is: --encrypt and --exclude are for folders.\n"));
    }

    [Fact]
    public async Task Files_are_encrypted_and_left_out_by_pattern()
    {
        _folder.Write("deploy/a.py", "import os; print(open('key.pem').read(), sorted(os.listdir()))");
        _folder.Write("deploy/key.pem", "clear");
        _folder.Write("deploy/x.log", "");

        var result = await RunAsync("run", "deploy", "a.py", "--encrypt", "*.pem", "--exclude", "*.log");

        result.ExitCode.ShouldBe(0, result.Error);
        result.Output.ShouldContain("decrypted key.pem.aes\n");
        result.Output.ShouldContain("clear ['a.py', 'key.pem'");
        result.Output.ShouldNotContain("x.log");
    }

    [Fact]
    public async Task A_script_that_another_writes_needs_no_check()
    {
        _folder.Write("deploy/a.py", "open('b.py', 'w').write('print(\"written\")')");

        (await RunAsync("run", "deploy", "a.py", "b.py")).ExitCode.ShouldBe(2);
        (await RunAsync("run", "deploy", "a.py", "b.py", "--no-check")).Output.ShouldContain("written\n");
    }

    private Task<ProcessResult> RunAsync(params string[] arguments) => ServoTool.RunAsync(_folder.Path, gateway.Environment, arguments);
}
