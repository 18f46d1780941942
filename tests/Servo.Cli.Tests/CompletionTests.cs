namespace Servo.Cli.Tests;

/// <summary>Words that shells complete.</summary>
public sealed class CompletionTests
{
    [Theory]
    [InlineData("servo ru", "run")]
    [InlineData("servo run --ti", "--timeout")]
    [InlineData("servo sign x.tgz --algorithm sha5", "sha512")]
    [InlineData("servo run --tok", "--token-file")]
    [InlineData("servo can", "cancel")]
    [InlineData("servo ps --state timed", "timed-out")]
    [InlineData("servo run deploy/a", "")]
    public async Task Bash_completes_what_the_tool_suggests(string line, string expected)
    {
        // What bash sets before it calls the function; a name is not completed by it but by bash itself.
        var script = $$"""
            source <(servo completion bash)
            complete -p servo
            COMP_LINE='{{line}}' COMP_POINT=${#COMP_LINE} COMP_WORDS=({{line}}) COMP_CWORD=$(({{line.Split(' ').Length}} - 1))
            _servo
            printf '%s\n' "${COMPREPLY[@]}"
            """;

        var result = await ServoTool.InShellAsync("/", [], script);

        result.Error.ShouldBeEmpty();
        result.Output.ShouldBe($"complete -o default -F _servo servo\n{expected}\n");
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    [InlineData("pwsh")]
    public async Task Every_shell_has_a_script(string shell)
    {
        var result = await ServoTool.RunAsync("/", [], "completion", shell);

        result.ExitCode.ShouldBe(0);
        result.Output.ShouldContain("[suggest:");
    }

    [Fact]
    public async Task Another_shell_is_wrong_usage() => (await ServoTool.RunAsync("/", [], "completion", "tcsh")).ExitCode.ShouldBe(2);
}
