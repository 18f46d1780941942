using Servo.Testing;

namespace Servo.Deploy.Tests;

/// <summary>The Dockerfile as a list of stages.</summary>
internal sealed class Dockerfile
{
    public Dockerfile()
    {
        var lines = DeployFolder.Text("Dockerfile").Split('\n').Where(line => !line.StartsWith('#') && line.Trim().Length > 0);
        var instructions = string.Join('\n', lines).Replace("\\\n", " ", StringComparison.Ordinal).Split('\n').Select(Instruction.Of);

        foreach (var instruction in instructions)
        {
            if (instruction.Name == "FROM")
                Stages.Add([]);

            Stages[^1].Add(instruction);
        }
    }

    public List<List<Instruction>> Stages { get; } = [];

    public IReadOnlyList<Instruction> Image => Stages[^1];

    /// <summary>The environment that the image sets itself.</summary>
    public IReadOnlyDictionary<string, string> Environment => Image.Where(instruction => instruction.Name == "ENV")
        .SelectMany(instruction => instruction.Words)
        .Select(word => word.Split('=', 2))
        .ToDictionary(pair => pair[0], pair => pair[1]);

    /// <summary>What is copied from the checkout, stage by stage.</summary>
    public IEnumerable<string> Sources => Stages.SelectMany(stage => stage)
        .Where(instruction => instruction.Name == "COPY" && !instruction.Words[0].StartsWith("--from", StringComparison.Ordinal))
        .SelectMany(instruction => instruction.Words[..^1]);

    /// <summary>Whether the build sees a file or folder, by the only forms that .dockerignore uses.</summary>
    public static bool IsInContext(string path)
    {
        var seen = File.ReadAllLines(Path.Join(Repository.Root, ".dockerignore")).Where(line => line.StartsWith('!')).Select(line => line[1..]);
        return seen.Any(entry => path.TrimEnd('/') == entry || path.StartsWith($"{entry}/", StringComparison.Ordinal));
    }
}

/// <summary>One instruction: its name, and the words behind it.</summary>
internal sealed record Instruction(string Name, string Text)
{
    public string[] Words => Text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    public static Instruction Of(string line)
    {
        var end = line.IndexOf(' ', StringComparison.Ordinal);
        return new Instruction(line[..end], line[(end + 1)..].Trim());
    }
}
