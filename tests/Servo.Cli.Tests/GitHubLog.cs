namespace Servo.Cli.Tests;

/// <summary>
/// What a runner of GitHub Actions obeys of an output, and what it only shows:
/// the rules of ActionCommandManager and ActionCommand in actions/runner.
/// </summary>
internal sealed class GitHubLog
{
    private string? _stopped;

    public GitHubLog(string output)
    {
        // A runner reads lines as .NET does, which end with a lone CR, too.
        using var reader = new StringReader(output);

        while (reader.ReadLine() is { } line)
            Read(line);
    }

    /// <summary>The commands that were obeyed, with their text unescaped, but those that stop and resume.</summary>
    public List<(string Name, string Properties, string Text)> Commands { get; } = [];

    /// <summary>The lines that were shown as they are.</summary>
    public List<string> Lines { get; } = [];

    /// <summary>The words that let commands be obeyed again.</summary>
    public List<string> Tokens { get; } = [];

    /// <summary>Whether a later command of the same step would not be obeyed.</summary>
    public bool IsStopped => _stopped is not null;

    private void Read(string line)
    {
        if (Parse(line) is not var (command, text))
        {
            Lines.Add(line);
            return;
        }

        var name = command.Split(' ', 2)[0];

        if (_stopped is not null)
        {
            if (name.Equals(_stopped, StringComparison.OrdinalIgnoreCase))
                _stopped = null;
            else
                Lines.Add(line);
        }
        else if (name == "stop-commands")
        {
            Tokens.Add(_stopped = text);
        }
        else
        {
            Commands.Add((name, Unescaped(command[name.Length..].Trim()), Unescaped(text)));
        }
    }

    private static (string Command, string Text)? Parse(string line)
    {
        var trimmed = line.TrimStart();

        if (trimmed.StartsWith("::", StringComparison.Ordinal) && trimmed.IndexOf("::", 2, StringComparison.Ordinal) is > 2 and var end)
            return (trimmed[2..end], trimmed[(end + 2)..]);

        // The first form of commands may stand anywhere in a line.
        return line.IndexOf("##[", StringComparison.Ordinal) is >= 0 and var start && line.IndexOf(']', start) is > 0 and var close
            ? (line[(start + 3)..close], line[(close + 1)..])
            : null;
    }

    private static string Unescaped(string text) => text
        .Replace("%0D", "\r", StringComparison.Ordinal).Replace("%0A", "\n", StringComparison.Ordinal)
        .Replace("%3A", ":", StringComparison.Ordinal).Replace("%2C", ",", StringComparison.Ordinal).Replace("%25", "%", StringComparison.Ordinal);
}
