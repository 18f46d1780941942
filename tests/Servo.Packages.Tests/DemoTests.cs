using Servo.Testing;

namespace Servo.Packages.Tests;

/// <summary>demo.sh with the host that is published already, in place of a build.</summary>
public sealed class DemoTests : IAsyncLifetime
{
    private const string DotNet = """
        #!/usr/bin/env bash
        set -euo pipefail
        if [[ ${1-} == --version && -e "$STUB/no-sdk" ]]; then exit 145; fi
        if [[ ${1-} != publish ]]; then exec "$DOTNET" "$@"; fi
        touch "$STUB/built"
        while [[ $1 != -o ]]; do shift; done
        mkdir -p "$2"
        case $2 in *-tool) cp -r "$TOOL"/. "$2" ;; *) cp -r "$HOST"/. "$2" ;; esac
        """;

    private static readonly string[] _tools = ["bash", "cat", "cut", "dirname", "mktemp", "paste", "rm", "tar", "python3", "curl", "openssl"];

    private readonly TempDirectory _directory = new();
    private Checkout _checkout = null!;
    private string _path = "";

    public async ValueTask InitializeAsync()
    {
        _checkout = await Checkout.CreateAsync();
        File.SetUnixFileMode(_directory.Write("bin/dotnet", DotNet), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _path = $"{_directory.File("bin")}:{Environment.GetEnvironmentVariable("PATH")}";
    }

    public ValueTask DisposeAsync()
    {
        _checkout.Dispose();
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_line_is_shown_while_the_script_still_runs()
    {
        var go = _directory.File("go");
        _directory.Write(
            "scripts/slow.py",
            $"import os, time\nprint('the first line')\nwhile not os.path.exists('{go}'): time.sleep(0.05)\nprint('the second')\n");

        await using var demo = (await DemoAsync(_directory.File("scripts"), "slow.py")).Start();
        await demo.SeesAsync("== building: the first time takes about a minute");
        await demo.SeesAsync("the first line");
        await File.WriteAllTextAsync(go, "", TestContext.Current.CancellationToken);
        var (exitCode, output) = await demo.EndAsync();

        exitCode.ShouldBe(0, output);
        output.ShouldContain("the second");
        output.ShouldContain("\"ok\": true");
        output.ShouldMatch(@"(?s)== what the gateway keeps: servo ps.*succeeded.*slow\.py.*== its log: servo logs [0-9a-f]{32}.*the first line.*the second");
    }

    [Fact]
    public async Task A_run_that_fails_is_exit_code_1()
    {
        _directory.Write("scripts/bad.py", "raise SystemExit(3)\n");

        var (exitCode, output) = await (await DemoAsync(_directory.File("scripts"), "bad.py")).RunAsync();

        exitCode.ShouldBe(1, output);
        output.ShouldContain("bad.py failed on exit code 3");
    }

    [Theory]
    [InlineData("--hlep", "", "there is no option '--hlep'")]
    [InlineData("/no/such/folder", "a.py", "there is no directory '/no/such/folder'")]
    [InlineData("samples/hello", "absent.py", "there is no 'absent.py' in 'samples/hello'")]
    [InlineData("samples/hello", "", "name the scripts to run")]
    public async Task What_is_wrong_is_said_before_the_build(string folder, string script, string message)
    {
        var (exitCode, output) = await (await DemoAsync(script.Length > 0 ? [folder, script] : [folder])).RunAsync();

        exitCode.ShouldBe(1, output);
        output.ShouldContain($"demo.sh: {message}");
        File.Exists(_directory.File("bin/built")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("dotnet")]
    [InlineData("python3")]
    [InlineData("curl")]
    [InlineData("openssl")]
    public async Task A_tool_that_is_missing_is_named_before_the_build(string missing)
    {
        // Every other program of the machine, and the stand-in for dotnet.
        foreach (var tool in _tools.Where(tool => tool != missing))
            File.CreateSymbolicLink(_directory.File($"few/{tool}"), (await ChildProcess.RunAsync("/", "which", tool)).Trim());

        if (missing != "dotnet")
            File.CreateSymbolicLink(_directory.File("few/dotnet"), _directory.File("bin/dotnet"));

        var (exitCode, output) = await (await DemoAsync()).With("PATH", _directory.File("few")).RunAsync();

        exitCode.ShouldBe(1, output);
        output.ShouldContain($"demo.sh: {missing} is not installed");
        File.Exists(_directory.File("bin/built")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_wrong_SDK_is_told_before_the_build()
    {
        _directory.Write("bin/no-sdk", "");

        var (exitCode, output) = await (await DemoAsync()).RunAsync();

        exitCode.ShouldBe(1, output);
        output.ShouldContain("demo.sh: the .NET SDK that global.json asks for, 10.0, is not installed");
        File.Exists(_directory.File("bin/built")).ShouldBeFalse();
    }

    private async Task<Command> DemoAsync(params string[] arguments) =>
        _checkout.Command((await ChildProcess.RunAsync("/", "which", "bash")).Trim(), ["./demo.sh", .. arguments])
        .With("PATH", _path)
        .With("STUB", _directory.File("bin"))
        .With("DOTNET", (await ChildProcess.RunAsync("/", "which", "dotnet")).Trim())
        .With("HOST", Path.GetDirectoryName(Gateway.HostAssembly))
        .With("TOOL", Path.Join(Repository.Root, "src/Servo.Cli/bin/Release/net10.0"));
}
