using System.Text.RegularExpressions;
using Servo.Testing;

namespace Servo.Application.Tests;

/// <summary>The pages name files and link to pages that exist.</summary>
public sealed partial class DocumentTests
{
    public static TheoryData<string> Pages =>
    [
        "README.md", "CONTRIBUTING.md", "SECURITY.md",
        .. Directory.GetFiles(Path.Join(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Select(page => Path.GetRelativePath(Repository.Root, page)).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Links_lead_to_files(string page)
    {
        var folder = Path.GetDirectoryName(Path.Join(Repository.Root, page))!;

        foreach (Match link in Link().Matches(File.ReadAllText(Path.Join(Repository.Root, page))))
            Path.Exists(Path.Join(folder, link.Groups[1].Value)).ShouldBeTrue($"{page}: {link.Value}");
    }

    [Fact]
    public void The_architecture_names_files_that_exist()
    {
        var named = Named().Matches(File.ReadAllText(Path.Join(Repository.Root, "docs/architecture.md")))
            .SelectMany(match => Expand(match.Groups[1].Value)).ToList();

        named.Count.ShouldBeGreaterThan(20);
        foreach (var path in named)
            new[] { path, $"src/{path}" }.ShouldContain(candidate => Path.Exists(Path.Join(Repository.Root, candidate)), path);
    }

    [Fact]
    public void Every_decision_is_in_the_index()
    {
        var index = File.ReadAllText(Path.Join(Repository.Root, "docs/decisions/README.md"));

        foreach (var page in Directory.GetFiles(Path.Join(Repository.Root, "docs/decisions"), "0*.md"))
            index.ShouldContain($"({Path.GetFileName(page)})");
    }

    /// <summary>A path, of whose last part several may stand in braces.</summary>
    private static IEnumerable<string> Expand(string path)
    {
        var braces = Braces().Match(path);

        return braces.Success
            ? braces.Groups[1].Value.Split(',').Select(part => path.Replace(braces.Value, part, StringComparison.Ordinal))
            : [path];
    }

    [GeneratedRegex(@"\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"`((?:Servo\.[\w.]+|src|tests)/[\w./{},]+)`")]
    private static partial Regex Named();

    [GeneratedRegex(@"\{([^}]+)\}")]
    private static partial Regex Braces();
}
