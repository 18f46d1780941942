using System.Text.RegularExpressions;
using Servo.Testing;

namespace Servo.Packages.Tests;

/// <summary>What the README prints runs as it is printed, in order, in a fresh checkout; only the port is another.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public async Task The_walk_through()
    {
        var blocks = new Readme("README.md", "The walk-through").Commands();
        var address = $"127.0.0.1:{LoopbackPorts.Free()}";
        using var checkout = await Checkout.CreateAsync();
        await using var host = checkout.CommandOfPage("bash", "-euc", blocks[0].Replace(Readme.Address, address, StringComparison.Ordinal)).Start();
        await host.SeesAsync($"Now listening on: http://{address}");

        var script = string.Join('\n', blocks.Skip(1)).Replace(Readme.Address, address, StringComparison.Ordinal);
        var (exitCode, output) = await checkout.CommandOfPage("bash", "-euo", "pipefail", "-c", script).RunAsync();

        exitCode.ShouldBe(0, output);
        // One of them does not wait for its answer.
        var runs = Regex.Count(script, "/run/deploy.py") - Regex.Count(script, "respond-async");
        runs.ShouldBeGreaterThan(5);
        Regex.Count(output, "all is well").ShouldBe(runs, output);
        (await checkout.GitAsync("status", "--short")).ShouldBe(" M samples/hello/settings.yml.aes\n");

        // In the section before, and as new: what the build has for it is there now.
        (exitCode, output) = await checkout.CommandOfPage("bash", "./demo.sh").RunAsync();
        exitCode.ShouldBe(0, output);
        output.ShouldContain("all is well");
    }
}
