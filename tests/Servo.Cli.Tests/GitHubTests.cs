using System.Text.Json;
using Servo.Testing;

namespace Servo.Cli.Tests;

/// <summary>Runs in a log of GitHub Actions: groups, annotations, and scripts whose words are never obeyed.</summary>
public sealed class GitHubTests(PublishedGateway gateway) : IClassFixture<PublishedGateway>, IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("true")]
    [InlineData(null, "--github")]
    [InlineData("false", "--github")]
    [InlineData("false", "--github", "true")]
    public async Task Each_script_is_a_group_and_the_failure_an_annotation_beside_the_script(string? actions, params string[] options)
    {
        _folder.Write("repository/deploy/a.py", "print('first\\nsecond')");
        _folder.Write("repository/deploy/silent.py", "");
        _folder.Write("repository/deploy/sub/bad, 100%.py", "print('why: 50%')\nraise SystemExit(4)");

        var result = await RunAsync(
            [("GITHUB_ACTIONS", actions), ("GITHUB_WORKSPACE", _folder.File("repository"))],
            ["run", "repository/deploy", "a.py", "silent.py", "sub/bad, 100%.py", .. options]);
        var log = new GitHubLog(result.Output);

        result.ExitCode.ShouldBe(1);
        result.Error.ShouldBeEmpty();
        var id = log.Lines.Single(line => line.StartsWith("started run ", StringComparison.Ordinal))["started run ".Length..];
        log.Commands.ShouldBe([
            ("group", "", "a.py"),
            ("endgroup", "", ""),
            ("group", "", "sub/bad, 100%.py"),
            ("endgroup", "", ""),
            ("error", "file=deploy/sub/bad, 100%.py,title=sub/bad, 100%.py failed on exit code 4", $"run {id} failed: sub/bad, 100%.py failed on exit code 4 (script-failed)\nwhy: 50%"),
        ]);
        result.Output.ShouldContain("::error file=deploy/sub/bad%2C 100%25.py,title=sub/bad%2C 100%25.py failed on exit code 4::");
        log.Lines.ShouldContain("second");
        log.Lines.Count(line => line.StartsWith("silent.py ended with exit code 0", StringComparison.Ordinal)).ShouldBe(1);
        log.Lines.ShouldNotContain(line => line.Contains("bad", StringComparison.Ordinal));
        log.IsStopped.ShouldBeFalse();
    }

    [Fact]
    public async Task A_success_annotates_nothing()
    {
        _folder.Write("deploy/a.py", "print('a')");

        var result = await RunAsync([("GITHUB_ACTIONS", "true")], "run", "deploy", "a.py");
        var log = new GitHubLog(result.Output);

        result.ExitCode.ShouldBe(0);
        log.Commands.Select(command => command.Name).ShouldBe(["group", "endgroup"]);
        log.Lines[^1].ShouldMatch("\\Arun \\w+ succeeded\\z");
    }

    [Theory]
    [InlineData("true", "--github", "false")]
    [InlineData("true", "--github=false")]
    [InlineData("false")]
    [InlineData(null)]
    public async Task There_are_no_commands_elsewhere(string? actions, params string[] options)
    {
        _folder.Write("deploy/a.py", "print('a')");

        var result = await RunAsync([("GITHUB_ACTIONS", actions), ("CI", "true")], ["run", "deploy", "a.py", .. options]);

        result.ExitCode.ShouldBe(0, result.Error);
        (result.Output + result.Error).ShouldNotContain("::");
    }

    [Fact]
    public async Task Nothing_that_a_script_prints_is_obeyed()
    {
        string[] evil =
        [
            "::error::evil", "  ::add-mask::evil", "##[group]evil", "in the midst ##[error]evil", "::stop-commands::evil", "::evil::", "::endgroup::", "progress\r::warning::evil",
            "::set-output name=a::evil", "::stop-commands::", "::::", "##[endgroup]",
        ];
        _folder.Write("deploy/a.py", $"import json\nfor line in json.loads('''{JsonSerializer.Serialize(evil).Replace("\\", "\\\\", StringComparison.Ordinal)}'''): print(line)");
        _folder.Write("deploy/##[add-path]evil.py", "print('::error::evil')\nraise SystemExit(1)");

        var result = await RunAsync([("GITHUB_ACTIONS", "true")], "run", "deploy", "a.py", "##[add-path]evil.py", "--var", "X=##[error]evil");
        var log = new GitHubLog(result.Output);

        log.Commands.Select(command => command.Name).ShouldBe(["group", "endgroup", "group", "endgroup", "error"]);
        log.Lines.ShouldContain("$X = ##[error]evil");
        log.Lines.ShouldContain("in the midst ##[error]evil");
        log.IsStopped.ShouldBeFalse();

        // Whoever has seen one word cannot use it again.
        log.Tokens.Count.ShouldBeGreaterThan(2);
        log.Tokens.ShouldBeUnique();
        log.Tokens.ShouldAllBe(token => token.Length == 32);
    }

    [Fact]
    public async Task An_annotation_holds_the_last_lines_and_not_all()
    {
        _folder.Write("deploy/bad.py", "for i in range(100): print('line', i)\nprint('\\x1b[31mred\\x1b[0m')\nprint('x' * 5000)\nraise SystemExit(1)");

        var log = new GitHubLog((await RunAsync([("GITHUB_ACTIONS", "true")], "run", "deploy", "bad.py")).Output);
        var lines = log.Commands[^1].Text.Split('\n');

        lines.Length.ShouldBe(11);
        lines[1].ShouldBe("line 92");
        lines[^2].ShouldBe("red");
        lines[^1].ShouldBe(new string('x', 300) + "…");
    }

    [Fact]
    public async Task Json_stays_alone_on_standard_output()
    {
        _folder.Write("deploy/bad.py", "print('why')\nraise SystemExit(4)");

        var result = await RunAsync([("GITHUB_ACTIONS", "true")], "run", "deploy", "bad.py", "--json");

        JsonDocument.Parse(result.Output).RootElement.GetProperty("ok").GetBoolean().ShouldBeFalse();
        new GitHubLog(result.Error).Commands.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            command => command.Name.ShouldBe("error"),
            command => command.Text.ShouldEndWith("(script-failed)\nwhy"));
    }

    [Fact]
    public async Task What_has_no_outcome_is_annotated_after_what_was_shown()
    {
        _folder.Write("deploy/a.py", "");
        await using var server = await WebServer.StartAsync(static (_, context) => WebServer.AnswerAsync(context, 200, "application/x-ndjson", """
            {"event":"run","id":"r1"}
            {"event":"line","n":1,"script":"a.py","stream":"stdout","text":"::error::evil"}

            """));

        var result = await RunAsync([("GITHUB_ACTIONS", "true"), ("SERVO_URL", server.Url.OriginalString)], "run", "deploy", "a.py");
        var log = new GitHubLog(result.Output);

        result.ExitCode.ShouldBe(3);
        log.Commands.Select(command => (command.Name, command.Properties)).ShouldBe([("group", ""), ("endgroup", ""), ("error", "title=servo")]);
        log.Commands[^1].Text.ShouldContain("r1");
        log.IsStopped.ShouldBeFalse();
    }

    [Fact]
    public async Task Words_that_cannot_be_used_are_annotated_on_standard_error()
    {
        (await RunAsync([("GITHUB_ACTIONS", "true")], "run")).ShouldSatisfyAllConditions(
            result => result.ExitCode.ShouldBe(2),
            result => result.Output.ShouldBeEmpty(),
            result => new GitHubLog(result.Error).Commands[0].Name.ShouldBe("error"));

        (await RunAsync([("GITHUB_ACTIONS", "true")], "sign", "two\nlines")).ShouldSatisfyAllConditions(
            result => result.ExitCode.ShouldBe(2),
            result => new GitHubLog(result.Error).Commands.ShouldHaveSingleItem().Text.ShouldContain("two\nlines"));
    }

    [Fact]
    public async Task A_clear_secret_is_a_warning_beside_the_file()
    {
        _folder.Write("deploy/a.py", "");
        _folder.Write("deploy/s.yml", "");
        await ServoTool.RunAsync(_folder.Path, gateway.Environment, "encrypt", "deploy/s.yml");

        var log = new GitHubLog((await RunAsync([("GITHUB_ACTIONS", "true")], "run", "deploy", "a.py")).Output);

        log.Commands[0].ShouldSatisfyAllConditions(
            command => command.Name.ShouldBe("warning"),
            command => command.Properties.ShouldBe("file=deploy/s.yml,title=servo"),
            command => command.Text.ShouldStartWith("'s.yml' is packed in the clear beside 's.yml.aes'"));
    }

    private Task<ProcessResult> RunAsync((string Name, string? Value)[] environment, params string[] words) =>
        ServoTool.RunAsync(_folder.Path, [.. gateway.Environment, .. environment], words);
}
