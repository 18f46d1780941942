using System.Reflection.Metadata;
using System.Security.Cryptography;
using System.Text;
using Servo.Testing;

namespace Servo.Packages.Tests;

/// <summary>Two clones of the repository in different places make the same assemblies, whose sources a debugger finds.</summary>
public sealed class ReproducibleBuildTests : IDisposable
{
    private static readonly Guid _sourceLink = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");

    private readonly TempDirectory _directory = new();

    [Fact]
    public async Task The_place_of_the_checkout_does_not_matter_and_SourceLink_names_the_commit()
    {
        var packages = await Task.WhenAll(PackAsync("first"), PackAsync("a/second/place"));
        using var first = PackageFeed.OpenIn(packages[0], "Servo.Client");
        using var second = PackageFeed.OpenIn(packages[1], "Servo.Client");
        using var symbols = PackageFeed.OpenIn(packages[0], "Servo.Client", ".snupkg");
        var commit = (await ChildProcess.RunAsync(Repository.Root, "git", "rev-parse", "HEAD")).Trim();

        foreach (var framework in (string[])["net10.0", "netstandard2.0"])
        {
            Hash(first.Read($"lib/{framework}/Servo.Client.dll")).ShouldBe(Hash(second.Read($"lib/{framework}/Servo.Client.dll")), framework);
            SourceLink(symbols.Read($"lib/{framework}/Servo.Client.pdb")).ShouldContain($"https://raw.githubusercontent.com/example/servo/{commit}/*");
        }

        first.Value("version").ShouldBe(second.Value("version"));
        first.Metadata.Elements().Single(element => element.Name.LocalName == "repository").Attribute("url")!.Value.ShouldBe(
            "https://github.com/example/servo.git");
    }

    public void Dispose() => _directory.Dispose();

    private async Task<string> PackAsync(string folder)
    {
        var clone = _directory.File(folder);
        await ChildProcess.RunAsync("/", "git", "clone", "--quiet", Repository.Root, clone);
        await ChildProcess.RunAsync(clone, "git", "remote", "set-url", "origin", "https://github.com/example/servo.git");
        // The analyzers have seen the code already and add nothing to it.
        var pack = await new Command(clone, "dotnet", "pack", "src/Servo.Client", "-c", "Release", "-p:RunAnalyzers=false", "-p:EnablePackageValidation=false").With("CI", "true").RunAsync();
        pack.ExitCode.ShouldBe(0, pack.Output);

        return Path.Join(clone, "artifacts/packages");
    }

    private static string Hash(byte[] assembly) => Convert.ToHexStringLower(SHA256.HashData(assembly));

    private static string SourceLink(byte[] symbols)
    {
        using var provider = MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(symbols));
        var reader = provider.GetMetadataReader();

        return Encoding.UTF8.GetString(reader.CustomDebugInformation
            .Select(reader.GetCustomDebugInformation)
            .Where(information => reader.GetGuid(information.Kind) == _sourceLink)
            .Select(information => reader.GetBlobBytes(information.Value)).Single());
    }
}
