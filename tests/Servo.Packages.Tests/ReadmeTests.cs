using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Servo.Testing;

namespace Servo.Packages.Tests;

/// <summary>What the README and the page on clients print runs as it is printed, in order, in a fresh checkout; only the port is another.</summary>
public sealed class ReadmeTests
{
    private const string PrintedAddress = "127.0.0.1:5000";

    [Fact]
    public async Task The_walk_through()
    {
        var blocks = new Readme("README.md", "The walk-through").Commands();
        var address = $"127.0.0.1:{FreePort()}";
        using var checkout = await Checkout.CreateAsync();
        await using var host = checkout.Command("bash", "-euc", blocks[0].Replace(PrintedAddress, address, StringComparison.Ordinal)).Start();
        await host.SeesAsync($"Now listening on: http://{address}");

        var script = string.Join('\n', blocks.Skip(1)).Replace(PrintedAddress, address, StringComparison.Ordinal);
        var (exitCode, output) = await checkout.Command("bash", "-euo", "pipefail", "-c", script).RunAsync();

        exitCode.ShouldBe(0, output);
        // One of them does not wait for its answer.
        var runs = Regex.Count(script, "/run/deploy.py") - Regex.Count(script, "respond-async");
        runs.ShouldBeGreaterThan(5);
        Regex.Count(output, "all is well").ShouldBe(runs, output);
        (await checkout.GitAsync("status", "--short")).ShouldBe(" M samples/hello/settings.yml.aes\n");

        // In the section before, and as new: what the build has for it is there now.
        (exitCode, output) = await checkout.Command("bash", "./demo.sh").RunAsync();
        exitCode.ShouldBe(0, output);
        output.ShouldContain("all is well");
    }

    [Fact]
    public async Task The_packages_from_a_checkout_and_a_rebuilt_one_is_taken()
    {
        await using var gateway = await Gateway.StartAsync(("Servo__Token", "demo-token-not-a-secret"), ("Servo__Portal__Mode", "Embedded"));
        using var checkout = await Checkout.CreateAsync();
        var page = new Readme("docs/clients.md");
        var printed = string.Join('\n', page.Commands()).Replace($"http://{PrintedAddress}", gateway.Url, StringComparison.Ordinal);
        var program = page.Program("csharp").Replace($"http://{PrintedAddress}", gateway.Url, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Join(checkout.Path, "../Program.txt"), $"using Servo.Client;\n{program}", TestContext.Current.CancellationToken);

        var (exitCode, output) = await checkout.Command("bash", "-euo", "pipefail", "-c", $"""
            {printed}
            cp ../Program.txt ../deployer/Program.cs
            dotnet run --project ../deployer

            dotnet pack src/Servo.Client.DependencyInjection -c Release
            dotnet new console -o ../injected
            dotnet add ../injected package Servo.Client.DependencyInjection --prerelease

            git commit --quiet --allow-empty --message 'Another'
            dotnet pack src/Servo.Cli -c Release
            dotnet tool update --global Servo.Cli --prerelease --add-source artifacts/packages
            servo --version
            """).RunAsync();

        exitCode.ShouldBe(0, output);
        // Of the two runs of the tool, one in its log, and of the program.
        Regex.Count(output, "all is well").ShouldBe(3, output);
        output.ShouldNotContain("warning");
        var commit = (await checkout.GitAsync("rev-parse", "--short=10", "HEAD")).Trim();
        output.TrimEnd().Split('\n')[^1].ShouldEndWith($".g{commit}");
        Directory.EnumerateFiles(Path.Join(checkout.Path, "artifacts/packages"), "Servo.Cli.*.nupkg").Count().ShouldBe(1);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
