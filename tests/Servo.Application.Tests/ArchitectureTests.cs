using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using MediatR;
using Servo.Domain;
using Servo.Testing;

namespace Servo.Application.Tests;

/// <summary>Dependencies point inward, between projects and between folders, and handlers never send commands.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> _allowed = new()
    {
        ["Servo.Domain"] = [],
        ["Servo.Application"] = ["Servo.Domain"],
        ["Servo.Infrastructure"] = ["Servo.Application"],
        ["Servo.Simulation"] = ["Servo.Application"],
        ["Servo.AspNetCore"] = ["Servo.Application"],
        ["Servo.Ochopod"] = ["Servo.AspNetCore"],
        ["Servo.WebHost"] = ["Servo.AspNetCore", "Servo.Infrastructure", "Servo.Ochopod", "Servo.Simulation"],
        ["Servo.Client"] = [],
        ["Servo.Client.DependencyInjection"] = ["Servo.Client"],
        ["Servo.Cli"] = ["Servo.Client"],
        ["Servo.MSBuild"] = ["Servo.Client"],
    };

    [Fact]
    public void No_two_folders_of_a_project_need_each_other()
    {
        var projects = Directory.GetDirectories(Path.Join(Repository.Root, "src"), "Servo.*").Select(NeedsIn).ToList();

        projects.SelectMany(needs => ClosingCircles([.. needs])).ShouldBeEmpty();
    }

    [Fact]
    public void Every_project_references_only_its_inner_neighbour()
    {
        var projects = Directory.GetFiles(Path.Join(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories);
        projects.Length.ShouldBeGreaterThanOrEqualTo(4);

        foreach (var project in projects)
        {
            var references = XDocument.Load(project).Descendants("ProjectReference")
                .Select(reference => Path.GetFileNameWithoutExtension((string)reference.Attribute("Include")!));
            references.ShouldBeSubsetOf(_allowed[Path.GetFileNameWithoutExtension(project)], project);
        }
    }

    [Fact]
    public void The_domain_depends_on_nothing_and_the_core_on_no_adapter()
    {
        XDocument.Load(Path.Join(Repository.Root, "src/Servo.Domain/Servo.Domain.csproj")).Descendants("PackageReference").ShouldBeEmpty();

        References(typeof(Refusal).Assembly).ShouldAllBe(name => name.StartsWith("System.", StringComparison.Ordinal));
        References(typeof(DependencyInjection).Assembly).ShouldNotContain(name =>
            name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)
                || name.StartsWith("SharpCompress", StringComparison.Ordinal)
                || name.StartsWith("Refit", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Servo.Domain")]
    [InlineData("Servo.Application")]
    public void The_core_has_no_word_of_pods(string project)
    {
        var sources = Directory.GetFiles(Path.Join(Repository.Root, "src", project), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal));

        sources.Where(file => Pods().IsMatch(File.ReadAllText(file))).ShouldBeEmpty();
    }

    /// <summary>A setting that is renamed is then renamed in every message; the host's help alone writes keys as an operator types them.</summary>
    [Fact]
    public void Keys_of_settings_are_written_by_their_constants() =>
        Directory.GetFiles(Path.Join(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && Path.GetFileName(file) != "HostCommandLine.cs")
            .Where(file => SettingKey().IsMatch(File.ReadAllText(file)))
            .ShouldBeEmpty();

    [Theory]
    [InlineData("Lifetime")]
    [InlineData("Logging")]
    public void Only_the_hosts_registration_knows_adapters(string folder) =>
        Directory.GetFiles(Path.Join(Repository.Root, "src/Servo.WebHost", folder), "*.cs")
            .Where(file => File.ReadAllText(file).Contains("Servo.Infrastructure", StringComparison.Ordinal)).ShouldBeEmpty();

    [Fact]
    public void No_handler_can_send_commands()
    {
        var handlers = typeof(DependencyInjection).Assembly.GetTypes()
            .Where(type => type.GetInterfaces().Any(face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IRequestHandler<,>)))
            .ToList();

        handlers.Count.ShouldBeGreaterThanOrEqualTo(6);
        foreach (var parameter in handlers.SelectMany(handler => handler.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)).SelectMany(constructor => constructor.GetParameters()))
            new[] { typeof(IMediator), typeof(ServiceFactory), typeof(IServiceProvider) }.ShouldNotContain(
                parameter.ParameterType, parameter.Member.DeclaringType!.Name);
    }

    private static List<Need> NeedsIn(string project)
    {
        var folders = SourceFolder.ReadAll(project);

        return [.. from one in folders from other in folders where one.Needs(other) select new Need(Path.GetFileName(project), one, other)];
    }

    private static IEnumerable<string> ClosingCircles(List<Need> needs) =>
        from need in needs
        where !(need.One.IsRoot && need.Other.IsRoot) && ReachedFrom(need.Other, needs).Contains(need.One)
        select need.ToString();

    private static HashSet<SourceFolder> ReachedFrom(SourceFolder start, List<Need> needs)
    {
        var reached = new HashSet<SourceFolder> { start };

        while (needs.Where(need => reached.Contains(need.One)).Select(need => need.Other).Except(reached).ToList() is { Count: > 0 } more)
            reached.UnionWith(more);

        return reached;
    }

    private static IEnumerable<string> References(Assembly assembly) => assembly.GetReferencedAssemblies().Select(reference => reference.Name!);

    [GeneratedRegex(@"\b[Pp]ods?\b|Pod[A-Z]|[Oo]chopod|ZooKeeper")]
    private static partial Regex Pods();

    [GeneratedRegex("Servo:[A-Z]")]
    private static partial Regex SettingKey();

    private sealed record Need(string Project, SourceFolder One, SourceFolder Other)
    {
        public override string ToString() => $"{Project}: {One.Name} -> {Other.Name}";
    }
}
