using System.Reflection;
using System.Xml.Linq;
using MediatR;
using Servo.Domain;
using Servo.Testing;

namespace Servo.Application.Tests;

/// <summary>Dependencies point inward, and handlers never send commands.</summary>
public sealed class ArchitectureTests
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
    public void Every_project_references_only_its_inner_neighbour()
    {
        var projects = Directory.GetFiles(Path.Join(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories);
        projects.Length.ShouldBeGreaterThanOrEqualTo(4);

        foreach (var project in projects)
        {
            var references = XDocument.Load(project).Descendants("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension((string)reference.Attribute("Include")!));
            references.ShouldBeSubsetOf(_allowed[Path.GetFileNameWithoutExtension(project)], project);
        }
    }

    [Fact]
    public void The_domain_depends_on_nothing_and_the_core_on_no_adapter()
    {
        XDocument.Load(Path.Join(Repository.Root, "src/Servo.Domain/Servo.Domain.csproj")).Descendants("PackageReference").ShouldBeEmpty();

        References(typeof(Rejection).Assembly).ShouldAllBe(name => name.StartsWith("System.", StringComparison.Ordinal));
        References(typeof(DependencyInjection).Assembly).ShouldNotContain(name =>
            name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) || name.StartsWith("SharpCompress", StringComparison.Ordinal) || name.StartsWith("Refit", StringComparison.Ordinal));
    }

    [Fact]
    public void No_handler_can_send_commands()
    {
        var handlers = typeof(DependencyInjection).Assembly.GetTypes()
            .Where(type => type.GetInterfaces().Any(face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IRequestHandler<,>)))
            .ToList();

        handlers.Count.ShouldBeGreaterThanOrEqualTo(6);
        foreach (var parameter in handlers.SelectMany(handler => handler.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)).SelectMany(constructor => constructor.GetParameters()))
            new[] { typeof(IMediator), typeof(ServiceFactory), typeof(IServiceProvider) }.ShouldNotContain(parameter.ParameterType, parameter.Member.DeclaringType!.Name);
    }

    private static IEnumerable<string> References(Assembly assembly) => assembly.GetReferencedAssemblies().Select(reference => reference.Name!);
}
