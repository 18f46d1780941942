using Servo.Testing;

namespace Servo.Packages.Tests;

/// <summary>The commands and programs that a README prints.</summary>
internal static class Readme
{
    /// <summary>The indented blocks of a section, in order, each without its indentation.</summary>
    public static IReadOnlyList<string> Commands(string heading)
    {
        var blocks = new List<string>();
        var isOpen = false;

        foreach (var line in Section(heading))
        {
            if (!line.StartsWith("    ", StringComparison.Ordinal) || IsFenced(line))
            {
                isOpen = false;
                continue;
            }

            if (isOpen)
                blocks[^1] += "\n" + line[4..];
            else
                blocks.Add(line[4..]);

            isOpen = true;
        }

        return blocks;

        bool IsFenced(string line) => Fenced(heading).Contains(line);
    }

    /// <summary>The program of a section that is in a language.</summary>
    public static string Program(string heading, string language) =>
        string.Join('\n', Section(heading).SkipWhile(line => line != $"```{language}").Skip(1).TakeWhile(line => line != "```"));

    private static IEnumerable<string> Section(string heading) =>
        File.ReadLines(Path.Join(Repository.Root, "README.md"))
            .SkipWhile(line => line != $"## {heading}").Skip(1)
            .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal));

    private static HashSet<string> Fenced(string heading)
    {
        var lines = new HashSet<string>();
        var isFenced = false;

        foreach (var line in Section(heading))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
                isFenced = !isFenced;
            else if (isFenced)
                lines.Add(line);
        }

        return lines;
    }
}
