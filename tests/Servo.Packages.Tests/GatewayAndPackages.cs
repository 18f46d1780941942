using Servo.Packages.Tests;
using Servo.Testing;

[assembly: AssemblyFixture(typeof(GatewayAndPackages))]

namespace Servo.Packages.Tests;

/// <summary>What the tests share: a running host, and a fresh package cache, so that no package of another day is used.</summary>
public sealed class GatewayAndPackages : IAsyncLifetime
{
    private readonly TempDirectory _packages = new();
    private readonly Lazy<Task<string>> _tool;

    public GatewayAndPackages() => _tool = new Lazy<Task<string>>(InstallToolAsync);

    public Gateway Gateway { get; private set; } = null!;

    public string Url => Gateway.Url;

    /// <summary>The folder that holds the installed tool's command, servo.</summary>
    public Task<string> ToolFolderAsync() => _tool.Value;

    public async ValueTask InitializeAsync() => Gateway = await Gateway.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        _packages.Dispose();
    }

    /// <summary>A program as a user of the packages starts it: with the token, and nothing of the test run's own environment.</summary>
    public Command Command(string workingDirectory, string program, params string[] arguments) =>
        new Command(workingDirectory, program, arguments)
            .With("NUGET_PACKAGES", _packages.Path)
            .With("SERVO_TOKEN", Gateway.Token);

    public Command DotNet(string workingDirectory, params string[] arguments) => Command(workingDirectory, "dotnet", arguments);

    private async Task<string> InstallToolAsync()
    {
        // Below the packages, so that it goes when they go.
        var folder = _packages.File("tool/servo");
        var install = await DotNet(
            _packages.Path, "tool", "install", "Servo.Cli", "--prerelease", "--tool-path", Path.GetDirectoryName(folder)!, "--add-source",
            PackageFeed.Folder).RunAsync();
        install.ExitCode.ShouldBe(0, install.Output);
        return Path.GetDirectoryName(folder)!;
    }
}
