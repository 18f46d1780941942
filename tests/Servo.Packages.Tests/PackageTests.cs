using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;
using Servo.Testing;

namespace Servo.Packages.Tests;

/// <summary>What is in the packages.</summary>
public sealed class PackageTests
{
    public static TheoryData<string> Ids => [.. PackageFeed.Ids];

    [Fact]
    public void There_is_a_package_of_each_project_for_users() =>
        PackageFeed.Ids.ShouldBe(
            Directory.EnumerateFiles(Path.Join(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories)
                .Where(project => File.ReadAllText(project).Contains("Packages.props", StringComparison.Ordinal))
                .Select(project => Path.GetFileNameWithoutExtension(project)!).Order());

    [Theory]
    [MemberData(nameof(Ids))]
    public void Says_what_it_is(string id)
    {
        using var package = PackageFeed.Open(id);

        package.Value("license").ShouldBe("Apache-2.0");
        package.Value("description").ShouldNotBeNullOrEmpty();
        package.Files.ShouldContain(package.Value("icon"));
        package.Files.ShouldContain(package.Value("readme"));
        Encoding.UTF8.GetString(package.Read("README.md")).ShouldStartWith($"# {id}");
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Has_symbols_of_each_assembly_of_ours(string id)
    {
        using var package = PackageFeed.Open(id);
        using var symbols = PackageFeed.Open(id, ".snupkg");
        // Another package's assembly that is brought along has its symbols in that package.
        var assemblies = package.Files.Where(file => Path.GetFileName(file) is var name && (name == $"{id}.dll" || name == "servo.dll")).ToList();

        assemblies.ShouldNotBeEmpty();
        assemblies.Select(file => Path.ChangeExtension(file, ".pdb")).ShouldBeSubsetOf(symbols.Files);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Does_not_tell_where_it_was_built(string id)
    {
        using var package = PackageFeed.Open(id);

        foreach (var file in package.Files.Where(file => Path.GetFileName(file).StartsWith("servo", StringComparison.OrdinalIgnoreCase)))
        {
            var bytes = package.Read(file);
            Encoding.UTF8.GetString(bytes).ShouldNotContain(Repository.Root, Case.Sensitive, file);
            Encoding.Unicode.GetString(bytes).ShouldNotContain(Repository.Root, Case.Sensitive, file);
        }
    }

    [Theory]
    [InlineData("Servo.Client")]
    [InlineData("Servo.Client.DependencyInjection")]
    public void A_library_brings_its_documentation(string id)
    {
        using var package = PackageFeed.Open(id);

        foreach (var framework in (string[])["net10.0", "netstandard2.0"])
        {
            package.Files.ShouldContain($"lib/{framework}/{id}.dll");
            package.Files.ShouldContain($"lib/{framework}/{id}.xml");
        }
    }

    [Theory]
    [InlineData("Servo.Client", "net10.0: ; .NETStandard2.0: Microsoft.Bcl.AsyncInterfaces System.Text.Json")]
    [InlineData("Servo.Client.DependencyInjection", "net10.0: Microsoft.Extensions.Http Servo.Client; .NETStandard2.0: Microsoft.Extensions.Http Servo.Client")]
    [InlineData("Servo.MSBuild", "")]
    [InlineData("Servo.Cli", "")]
    public void Depends_on_no_more_than_it_must(string id, string expected)
    {
        using var package = PackageFeed.Open(id);

        var groups = package.Metadata.Descendants().Where(element => element.Name.LocalName == "group").Select(group =>
            $"{group.Attribute("targetFramework")!.Value}: {string.Join(' ', group.Elements().Select(dependency => dependency.Attribute("id")!.Value).Order())}");

        string.Join("; ", groups).ShouldBe(expected);
        package.Metadata.Descendants().Count(element => element.Name.LocalName == "dependency").ShouldBe(
            expected.Split(' ').Count(word => word.Contains('.') && !word.EndsWith(':')));
    }

    [Theory]
    [InlineData("any", false)]
    [InlineData("linux-x64", true)]
    public void The_tool_is_there_for_any_machine_and_as_machine_code_for_one(string runtime, bool isMachineCode)
    {
        using var package = PackageFeed.Open("Servo.Cli");
        var files = package.Files.Where(file => file.StartsWith($"tools/net10.0/{runtime}/", StringComparison.Ordinal)).ToList();

        files.ShouldContain($"tools/net10.0/{runtime}/DotnetToolSettings.xml");
        files.ShouldContain($"tools/net10.0/{runtime}/servo.dll");

        foreach (var assembly in files.Where(file => file.EndsWith(".dll", StringComparison.Ordinal)))
        {
            using var file = new PEReader(new MemoryStream(package.Read(assembly)));
            (file.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0).ShouldBe(isMachineCode, assembly);
        }
    }

    [Fact]
    public void The_build_task_is_a_development_dependency_with_all_that_it_needs()
    {
        using var package = PackageFeed.Open("Servo.MSBuild");

        package.Value("developmentDependency").ShouldBe("true");
        package.Files.ShouldNotContain(file => file.StartsWith("lib/", StringComparison.Ordinal));
        package.Files.Where(file => file.StartsWith("tasks/net10.0/", StringComparison.Ordinal) && file.EndsWith(".dll", StringComparison.Ordinal))
            .ShouldBe(["tasks/net10.0/Servo.Client.dll", "tasks/net10.0/Servo.MSBuild.dll"], ignoreOrder: true);
    }

    // The .NET Framework looks for exactly the version that an assembly asks for, and a task has no binding redirects of its own.
    [Fact]
    public void The_build_task_for_the_framework_finds_each_reference_in_its_folder()
    {
        using var package = PackageFeed.Open("Servo.MSBuild");
        var assemblies = package.Files.Where(file => file.StartsWith("tasks/netstandard2.0/", StringComparison.Ordinal) && file.EndsWith(".dll", StringComparison.Ordinal)).ToList();
        var present = new HashSet<string>();
        var wanted = new HashSet<string>();

        foreach (var assembly in assemblies)
        {
            using var file = new PEReader(new MemoryStream(package.Read(assembly)));
            var metadata = file.GetMetadataReader();
            var own = metadata.GetAssemblyDefinition();
            present.Add($"{metadata.GetString(own.Name)} {own.Version}");

            foreach (var handle in metadata.AssemblyReferences)
            {
                var reference = metadata.GetAssemblyReference(handle);
                var name = metadata.GetString(reference.Name);

                // The host brings these two kinds.
                if (name != "netstandard" && !name.StartsWith("Microsoft.Build.", StringComparison.Ordinal))
                    wanted.Add($"{name} {reference.Version}");
            }
        }

        wanted.Except(present).ShouldBeEmpty();
    }
}
