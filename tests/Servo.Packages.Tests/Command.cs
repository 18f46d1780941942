using System.Collections;
using Servo.Testing;

namespace Servo.Packages.Tests;

/// <summary>A program to start in a clean environment.</summary>
public sealed class Command(string workingDirectory, string program, params string[] arguments)
{
    // 'dotnet test' and 'dotnet run' tell their children where their own MSBuild is, and CI=true would change the builds.
    private static readonly string[] _ours = ["MSBUILD", "DOTNET_CLI", "SERVO", "TESTINGPLATFORM", "XUNIT"];

    private readonly List<(string Name, string? Value)> _environment =
    [
        .. Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(variable => (string)variable.Key).Where(IsOurs)
            .Select(name => (name, (string?)null)),

        // No server may outlive a build: neither MSBuild's nodes nor the compiler, unless who runs the tests shares one and ends it, as test.sh does.
        ("MSBUILDDISABLENODEREUSE", "1"),
        ("DOTNET_CLI_USE_MSBUILD_SERVER", "0"),
        ("UseSharedCompilation", Environment.GetEnvironmentVariable("UseSharedCompilation") ?? "false"),
        // A build ends before what it learns about itself pays.
        ("DOTNET_TieredPGO", "0"),
        ("DOTNET_CLI_TELEMETRY_OPTOUT", "1"),
        ("DOTNET_NOLOGO", "1"),
        ("DOTNET_CLI_UI_LANGUAGE", "en"),
        ("no_proxy", "127.0.0.1,localhost"),
    ];

    private TimeSpan _limit = TimeSpan.FromMinutes(2);

    public Command With(string name, string? value)
    {
        _environment.Add((name, value));
        return this;
    }

    /// <summary>Lets the program take longer than two minutes.</summary>
    public Command Within(TimeSpan limit)
    {
        _limit = limit;
        return this;
    }

    /// <summary>Runs the program to its end; its output is what it wrote to both streams.</summary>
    public async Task<CommandResult> RunAsync()
    {
        await using var running = Start();
        return await running.EndAsync();
    }

    public RunningCommand Start() => new(ChildProcess.Start(program, arguments,
        new ProcessSettings { WorkingDirectory = workingDirectory, Environment = _environment, Timeout = _limit }));

    private static bool IsOurs(string name) =>
        name is "CI" or "DOTNET_HOST_PATH" or "MSBuildSDKsPath"
        || _ours.Any(start => name.StartsWith(start, StringComparison.OrdinalIgnoreCase));
}

/// <summary>The outcome of a program, and what it wrote to both streams.</summary>
public sealed record CommandResult(int ExitCode, string Output);

/// <summary>A command in progress.</summary>
public sealed class RunningCommand(ChildProcess process) : IAsyncDisposable
{
    public int ProcessId => process.Id;

    /// <summary>Waits until a line of the output holds a text.</summary>
    public Task SeesAsync(string text) => process.SeesAsync(line => line.Contains(text, StringComparison.Ordinal));

    public async Task<CommandResult> EndAsync() => new((await process.EndAsync()).ExitCode, process.Log);

    public ValueTask DisposeAsync() => process.DisposeAsync();
}
