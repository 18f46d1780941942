using System.Text.Json;
using Servo.Testing;

namespace Servo.Cli.Tests;

/// <summary>Words, settings and files that cannot be used: exit code 2 and a sentence, before anything is sent.</summary>
public sealed class UsageTests : IDisposable
{
    private const string Nowhere = "http://127.0.0.1:1";

    private readonly TempDirectory _folder = new();

    public UsageTests() => _folder.Write("deploy/a.py", "");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task No_words_give_the_help_on_standard_error()
    {
        var result = await RunAsync();

        result.ExitCode.ShouldBe(2);
        result.Output.ShouldBeEmpty();
        result.Error.ShouldContain("Commands:");
    }

    [Fact]
    public async Task A_misspelt_command_gets_a_suggestion()
    {
        var result = await RunAsync("rnu", "deploy", "a.py");

        result.ExitCode.ShouldBe(2);
        result.Output.ShouldBeEmpty();
        result.Error.ShouldContain("'rnu' was not matched. Did you mean one of the following?\nrun\n");
        result.Error.ShouldEndWith("Run 'servo --help' for usage.\n");
    }

    [Theory]
    [InlineData("--token", "the-secret-itself")]
    [InlineData("--token=the-secret-itself")]
    public async Task A_token_on_the_command_line_is_refused_with_the_reason(params string[] option)
    {
        foreach (var words in (string[][])[["run", "deploy", "a.py"], ["sign", "x.tgz"], ["keygen"]])
        {
            var result = await RunAsync([.. words, .. option]);

            result.ExitCode.ShouldBe(2);
            result.Error.ShouldStartWith(
                "servo: A token on the command line is refused: other users of this machine can see it there. Set SERVO_TOKEN, or give --token-file.\n");
            result.Error.ShouldNotContain("the-secret-itself");
        }

        (await RunAsync("run", "--help")).Output.ShouldNotContain("--token ");
    }

    [Fact]
    public async Task A_missing_address_or_token_names_both_ways_to_give_it()
    {
        (await ServoTool.RunAsync(_folder.Path, [("SERVO_TOKEN", "t")], "run", "deploy", "a.py")).ShouldSatisfyAllConditions(
            result => result.ExitCode.ShouldBe(2),
            result => result.Error.ShouldBe("servo: The gateway's address is missing: set SERVO_URL, or give --url URL.\n"));

        (await ServoTool.RunAsync(_folder.Path, [("SERVO_URL", Nowhere), ("SERVO_TOKEN", " ")], "run", "deploy", "a.py", "--json")).ShouldSatisfyAllConditions(
            result => result.ExitCode.ShouldBe(2),
            result => result.Error.ShouldBe("servo: The servo token is missing: set SERVO_TOKEN, or give --token-file FILE.\n"),
            result => JsonDocument.Parse(result.Output).RootElement.GetProperty("error").GetProperty("kind").GetString().ShouldBe("usage"));
    }

    [Theory]
    [InlineData("No folder or archive exists at 'nowhere'.", "nowhere", "a.py")]
    [InlineData("The script 'something-else.py' is not in the bundle. Scripts in it: a.py.", "deploy", "something-else.py")]
    [InlineData("The gateway's address 'servo.example' must be an absolute http or https URL", "deploy", "a.py", "--url", "servo.example")]
    [InlineData("The gateway's address 'ftp://servo.example' must be an absolute http or https URL", "deploy", "a.py", "--url", "ftp://servo.example")]
    [InlineData("The token file cannot be read: ", "deploy", "a.py", "--token-file", "nowhere")]
    [InlineData("The servo token in the file 'empty' is empty.", "deploy", "a.py", "--token-file", "empty")]
    [InlineData("'PODS' is not a variable: give --var NAME=VALUE.", "deploy", "a.py", "--var", "PODS")]
    [InlineData("'=3' is not a variable", "deploy", "a.py", "--var", "=3")]
    [InlineData("The variable 'pods' is given twice.", "deploy", "a.py", "--var", "PODS=1", "--var", "pods=2")]
    [InlineData("The variable name 'A B' cannot be sent", "deploy", "a.py", "--var", "A B=1")]
    [InlineData("The value of the variable 'X'", "deploy", "a.py", "--var", "X=  a  ")]
    [InlineData("The value of the variable 'X'", "deploy", "a.py", "--var", "X= a")]
    [InlineData("The value of the variable 'X'", "deploy", "a.py", "--var", "X=a\t")]
    [InlineData("The value of the variable 'X'", "deploy", "a.py", "--var", "X= ")]
    [InlineData("'5x' is not a duration", "deploy", "a.py", "--timeout", "5x")]
    [InlineData("'0' is not a duration", "deploy", "a.py", "--timeout", "0")]
    [InlineData("'-3' is not a duration", "deploy", "a.py", "--timeout", "-3")]
    [InlineData("'1000h' is not a duration", "deploy", "a.py", "--timeout", "1000h")]
    [InlineData("--retries must be a whole number of at least 0, not '-1'.", "deploy", "a.py", "--retries", "-1")]
    [InlineData("--retries must be a whole number of at least 0, not 'x'.", "deploy", "a.py", "--retries", "x")]
    [InlineData("'a b' cannot be the name of a lock", "deploy", "a.py", "--lock", "a b")]
    [InlineData("The idempotency key 'a b' cannot be sent", "deploy", "a.py", "--idempotency-key", "a b")]
    [InlineData("'x' is not a duration", "deploy", "a.py", "--queue-timeout", "x")]
    [InlineData("Argument 'md5' not recognized.", "deploy", "a.py", "--algorithm", "md5")]
    [InlineData("Required argument 'SCRIPT' missing", "deploy")]
    public async Task Wrong_words_for_a_run(string sentence, params string[] words)
    {
        _folder.Write("empty", "\n");

        var result = await RunAsync(["run", .. words]);

        result.ExitCode.ShouldBe(2, result.Error);
        result.Output.ShouldBeEmpty();
        result.Error.ShouldStartWith($"servo: {sentence}");
        result.Error.ShouldNotContain("Parameter");
    }

    // What a user of the library in C# would be told is of no use on a command line.
    [Theory]
    [InlineData("not a regular file", "--exclude or a .servoignore file", "deploy", "a.py")]
    [InlineData("is not in the bundle", "--no-check", "deploy", "b.py", "--exclude", "pipe")]
    public async Task Advice_names_the_tools_own_options(string sentence, string advice, params string[] words)
    {
        await ChildProcess.RunAsync(_folder.Path, "mkfifo", "deploy/pipe");

        var result = await RunAsync(["run", .. words]);

        result.ExitCode.ShouldBe(2);
        result.Error.ShouldContain(sentence);
        result.Error.ShouldContain(advice);
        result.Error.ShouldNotContain("Bundle.Without");
    }

    [Theory]
    [InlineData("Servo__Token", "there")]
    [InlineData("SERVO__TOKEN", "there")]
    [InlineData("Servo__TokenFile", "there")]
    public async Task A_token_that_only_the_host_reads_is_named(string name, string value) =>
        (await ServoTool.RunAsync(_folder.Path, [("SERVO_URL", Nowhere), (name, value)], "run", "deploy", "a.py")).ShouldSatisfyAllConditions(
            result => result.ExitCode.ShouldBe(2),
            result => result.Error.ShouldBe(
                $"servo: The servo token is missing: set SERVO_TOKEN, or give --token-file FILE. {name} is set, but only the gateway's host reads it.\n"));

    [Theory]
    [InlineData("the-token\n", null)]
    [InlineData("the-token\r\n", null)]
    [InlineData("the-token\n\n", "white space")]
    [InlineData(" the-token", "white space")]
    [InlineData("the-token ", "white space")]
    [InlineData("\tthe-token", "white space")]
    [InlineData("the\ntoken", "line break")]
    [InlineData("the\rtoken", "line break")]
    [InlineData("the\0token", "NUL")]
    public async Task A_token_ends_alike_in_a_file_and_in_the_environment(string token, string? why)
    {
        _folder.Write("token", token);
        _folder.Write("x.tgz", "any bytes");
        var expected = (await ServoTool.RunAsync(_folder.Path, [("SERVO_TOKEN", "the-token")], "sign", "x.tgz")).Output;

        var file = await ServoTool.RunAsync(_folder.Path, [], "sign", "x.tgz", "--token-file", "token");
        // No variable of the environment holds a NUL.
        var environment = token.Contains('\0') ? file : await ServoTool.RunAsync(_folder.Path, [("SERVO_TOKEN", token)], "sign", "x.tgz");

        foreach (var result in (ProcessResult[])[file, environment])
        {
            result.ExitCode.ShouldBe(why is null ? 0 : 2, result.Error);
            result.Output.ShouldBe(why is null ? expected : "");
            result.Error.ShouldNotContain("the-token");

            if (why is not null)
                result.Error.ShouldContain(why);
        }
    }

    [Theory]
    [InlineData("90")]
    [InlineData("90s")]
    [InlineData("1.5m")]
    [InlineData("1h")]
    [InlineData("00:05:00")]
    public async Task Ways_to_write_a_time(string time)
    {
        var result = await RunAsync("run", "deploy", "a.py", "--retries", "0", "--timeout", time);

        result.ExitCode.ShouldBe(3, result.Error);
    }

    [Theory]
    [InlineData("run")]
    [InlineData("ps")]
    [InlineData("show")]
    [InlineData("logs")]
    [InlineData("wait")]
    [InlineData("cancel")]
    [InlineData("pack")]
    [InlineData("sign")]
    [InlineData("encrypt")]
    [InlineData("decrypt")]
    [InlineData("keygen")]
    [InlineData("completion")]
    public async Task Every_command_has_help_with_examples(string command)
    {
        var result = await RunAsync(command, "--help");

        result.ExitCode.ShouldBe(0);
        result.Output.ShouldStartWith("Description:");
        result.Output.ShouldMatch($"Examples:\n(.*\n)*.*servo {command}");
        (await RunAsync("--help")).Output.ShouldMatch($"Commands:\n(.*\n)*  {command} ");
    }

    [Fact]
    public async Task The_help_of_the_tool_tells_the_exit_codes_and_its_version_is_that_of_the_commit()
    {
        (await RunAsync("-h")).Output.ShouldContain("130  interrupted");
        (await RunAsync("--version")).Output.ShouldMatch("\\A\\d+\\.\\d+\\.\\d+(-dev\\.\\d+\\.g[0-9a-f]+)?\n\\z");
    }

    private Task<ProcessResult> RunAsync(params string[] words) => ServoTool.RunAsync(_folder.Path, [("SERVO_URL", Nowhere), ("SERVO_TOKEN", "t")], words);
}
