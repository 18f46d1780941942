using System.Text.RegularExpressions;
using Servo.Testing;

namespace Servo.Packages.Tests;

/// <summary>What the page on clients prints runs as it is printed, in order, in a fresh checkout; only the port is another.</summary>
public sealed class ClientsPageTests
{
    [Fact]
    public async Task The_packages_from_a_checkout_and_a_rebuilt_one_is_taken()
    {
        await using var gateway = await Gateway.StartAsync(("Servo__Token", "demo-token-not-a-secret"), ("Servo__Portal__Mode", "Embedded"));
        using var checkout = await Checkout.CreateAsync();
        var page = new Readme("docs/clients.md");
        var printed = string.Join('\n', page.Commands()).Replace($"http://{Readme.Address}", gateway.Url, StringComparison.Ordinal);
        var program = page.Program("csharp").Replace($"http://{Readme.Address}", gateway.Url, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Join(checkout.Path, "../Program.txt"), $"using Servo.Client;\n{program}", TestContext.Current.CancellationToken);

        var (exitCode, output) = await checkout.CommandOfPage("bash", "-euo", "pipefail", "-c", $"""
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
}
