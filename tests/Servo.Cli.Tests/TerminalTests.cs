using Servo.Testing;

namespace Servo.Cli.Tests;

/// <summary>What a person sees on a real terminal.</summary>
public sealed class TerminalTests(PublishedGateway gateway) : IClassFixture<PublishedGateway>, IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_bar_while_uploading_dimmed_words_of_the_gateway_and_a_red_failure()
    {
        _folder.Write("deploy/bad.py", "import sys; print('[red]plain[/]'); sys.exit(4)");

        var result = await RunAsync();

        result.ExitCode.ShouldBe(1);
        result.Output.ShouldContain("━");
        result.Output.ShouldContain("\e[?25l");
        // The cursor is back, and the bar is away, before the log begins.
        result.Output.LastIndexOf("\e[?25h", StringComparison.Ordinal).ShouldBeLessThan(result.Output.IndexOf("started run", StringComparison.Ordinal));
        result.Output.LastIndexOf('━').ShouldBeLessThan(result.Output.IndexOf("\e[2muploaded", StringComparison.Ordinal));
        result.Output.ShouldContain("\e[2m$CALLBACK = ");
        result.Output.ShouldContain("\n[red]plain[/]\r\n");
        result.Output.ShouldMatch("\e\\[31mrun \\w+ failed: bad.py failed on exit code 4 \\(script-failed\\)\e\\[0m");
    }

    [Theory]
    [InlineData("NO_COLOR", "1")]
    [InlineData("TERM", "dumb")]
    [InlineData("CI", "true")]
    [InlineData("GITHUB_ACTIONS", "true")]
    public async Task No_escape_code_at_all_where_none_is_wanted(string name, string value)
    {
        _folder.Write("deploy/bad.py", "import sys; print('words'); sys.exit(4)");

        var result = await RunAsync((name, value));

        result.ExitCode.ShouldBe(1);
        result.Output.ShouldContain("words\r\n");
        result.Output.ShouldContain("uploaded ");
        result.Output.ShouldNotContain('\e');
    }

    [Fact]
    public async Task A_build_server_that_is_none_keeps_the_colours()
    {
        _folder.Write("deploy/bad.py", "import sys; sys.exit(4)");

        (await RunAsync(("CI", "false"))).Output.ShouldContain("\e[31mrun ");
    }

    [Fact]
    public async Task An_error_is_red_and_its_suggestion_is_not()
    {
        (await ServoTool.OnTerminalAsync(_folder.Path, [], "rnu")).Output.ShouldStartWith(
            "\e[31mservo: Unrecognized command or argument 'rnu'.\e[0m\r\n'rnu' was not matched.");
        (await ServoTool.OnTerminalAsync(_folder.Path, [("NO_COLOR", "1")], "rnu")).Output.ShouldNotContain('\e');
    }

    [Fact]
    public async Task An_archive_is_not_written_to_it()
    {
        _folder.Write("deploy/a.py", "");

        var result = await ServoTool.OnTerminalAsync(_folder.Path, [], "pack", "deploy", "-o", "-");

        result.ExitCode.ShouldBe(2);
        result.Output.ShouldContain("An archive cannot be written to a terminal");
    }

    private Task<ProcessResult> RunAsync(params (string Name, string? Value)[] environment) =>
        ServoTool.OnTerminalAsync(_folder.Path, [.. gateway.Environment, .. environment], "run", "deploy", "bad.py");
}
