using Servo.Testing;

namespace Servo.Packages.Tests;

/// <summary>The commands and programs that a page prints, in one of its sections or, where none is named, in all.</summary>
internal sealed class Readme(string page, string? heading = null)
{
    /// <summary>Where a host listens on every page.</summary>
    public const string Address = "127.0.0.1:5000";

    /// <summary>The indented blocks, in order, each without its indentation.</summary>
    public IReadOnlyList<string> Commands()
    {
        var blocks = new List<string>();
        var isOpen = false;

        foreach (var line in Section())
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

        bool IsFenced(string line) => Fenced().Contains(line);
    }

    /// <summary>The first program in a language.</summary>
    public string Program(string language) =>
        string.Join('\n', Section().SkipWhile(line => line != $"```{language}").Skip(1).TakeWhile(line => line != "```"));

    private IEnumerable<string> Section()
    {
        var lines = File.ReadLines(Path.Join(Repository.Root, page));

        return heading is null
            ? lines
            : lines.SkipWhile(line => line != $"## {heading}").Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal));
    }

    private HashSet<string> Fenced()
    {
        var lines = new HashSet<string>();
        var isFenced = false;

        foreach (var line in Section())
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
                isFenced = !isFenced;
            else if (isFenced)
                lines.Add(line);
        }

        return lines;
    }
}
