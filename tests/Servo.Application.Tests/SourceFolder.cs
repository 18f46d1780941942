using System.Text.RegularExpressions;

namespace Servo.Application.Tests;

/// <summary>
/// The C# of one folder of a project, which is one namespace, as far as it tells what the folder needs: the types that it declares and the
/// names that it mentions. Read as text: comments and what stands between quotes do not count. A file of a project's root folder is a folder
/// of its own here, as the root holds both what composes the folders and words that they share.
/// </summary>
internal sealed partial class SourceFolder
{
    private readonly string _namespace;
    private readonly HashSet<string> _types = [];
    private readonly List<(HashSet<string> Usings, HashSet<string> Names)> _files = [];

    private SourceFolder(string project, string name)
    {
        Name = name;
        IsRoot = name.EndsWith(".cs", StringComparison.Ordinal);
        _namespace = IsRoot ? project : $"{project}.{name.Replace('/', '.')}";
    }

    /// <summary>Its path in the project, or the file's name.</summary>
    public string Name { get; }

    /// <summary>Whether it is a file of the root folder.</summary>
    public bool IsRoot { get; }

    /// <summary>Reads a project, whose folder has its name.</summary>
    public static List<SourceFolder> ReadAll(string project)
    {
        var folders = new SortedDictionary<string, SourceFolder>(StringComparer.Ordinal);

        foreach (var file in Directory.GetFiles(project, "*.cs", SearchOption.AllDirectories))
        {
            var path = Path.GetRelativePath(project, file);

            if (path.Split('/')[0] is "bin" or "obj")
                continue;

            var name = Path.GetDirectoryName(path) is { Length: > 0 } folder ? folder : path;

            if (!folders.TryGetValue(name, out var found))
                folders[name] = found = new SourceFolder(Path.GetFileName(project), name);

            found.Add(File.ReadAllText(file));
        }

        return [.. folders.Values];
    }

    /// <summary>
    /// Whether it mentions a type of the other one: by the type's name where that is visible, or by the folder's and the type's.
    /// </summary>
    public bool Needs(SourceFolder other) => other != this && _files.Any(file => other.IsVisibleTo(this, file.Usings)
        ? file.Names.Overlaps(other._types)
        : file.Names.Overlaps(other._types.Select(type => $"{other._namespace.Split('.')[^1]}.{type}")));

    private bool IsVisibleTo(SourceFolder user, HashSet<string> usings) =>
        usings.Append(user._namespace).Any(name => $"{name}.".StartsWith($"{_namespace}.", StringComparison.Ordinal));

    private void Add(string source)
    {
        var code = Strings().Replace(Comments().Replace(source, ""), literal => string.Join(' ', Found(Holes(), literal.Value)));
        _types.UnionWith(Found(Declarations(), code));
        _files.Add(([.. Found(Usings(), code)], [.. Found(Names(), code), .. Found(Pairs(), code)]));
    }

    private static IEnumerable<string> Found(Regex name, string code) => name.Matches(code).Select(match => match.Groups["name"].Value);

    [GeneratedRegex(@"//[^\n]*|/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comments();

    [GeneratedRegex("\\$*\"{3}.*?\"{3}|\\$?\"(?:\\\\.|[^\"\\\\\\n])*\"", RegexOptions.Singleline)]
    private static partial Regex Strings();

    /// <summary>What an interpolated string computes.</summary>
    [GeneratedRegex(@"(?<name>\{[^{}]*\})")]
    private static partial Regex Holes();

    [GeneratedRegex(
        @"^(?:(?:public|internal|file|sealed|static|abstract|partial|readonly|ref|unsafe)\s+)*"
            + @"(?:class|interface|enum|record struct|record|struct|delegate\s+\S+)\s+(?<name>\w+)",
        RegexOptions.Multiline)]
    private static partial Regex Declarations();

    [GeneratedRegex(@"^using (?:static |\w+ = )?(?<name>[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Usings();

    [GeneratedRegex(@"(?<![.\w])(?<name>\w+)")]
    private static partial Regex Names();

    [GeneratedRegex(@"(?=\b(?<name>\w+\.\w+))")]
    private static partial Regex Pairs();
}
