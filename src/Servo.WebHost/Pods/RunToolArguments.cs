using Servo.Domain;

namespace Servo.WebHost.Pods;

/// <summary>What the line of the tool <c>run</c> says.</summary>
internal sealed record RunToolArguments(string Archive, ScriptList Scripts, RunVariables Variables)
{
    private const string Usage = "usage: run [-h] [-v NAME:VALUE [NAME:VALUE ...]] TGZ SCRIPT [SCRIPT ...]";

    /// <summary>Reads the line as the original did: everything between <c>-v</c> and <c>--</c> is a variable. A rejection's detail is what the tool prints.</summary>
    public static Result<RunToolArguments> Parse(string line)
    {
        var names = new List<string>();
        var variables = new List<KeyValuePair<string, string>>();
        var inVariables = false;
        var onlyNames = false;

        foreach (var word in line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            switch (word)
            {
                case var name when onlyNames:
                    names.Add(name);
                    break;
                case "--":
                    onlyNames = true;
                    break;
                case "-h" or "--help":
                    return new Rejection.Malformed(Usage);
                case "-v" or "--variables":
                    inVariables = true;
                    break;
                case ['-', ..] when !inVariables:
                    return Error($"unrecognized arguments: {word}");
                case var name when !inVariables:
                    names.Add(name);
                    break;
                // A value may hold colons itself.
                case var pair when pair.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon:
                    variables.Add(KeyValuePair.Create(pair[..colon], pair[(colon + 1)..]));
                    break;
                default:
                    return Error($"argument -v/--variables: expected NAME:VALUE, not '{word}'");
            }
        }

        if (names.Count < 2)
            return Error("too few arguments");

        if (!ScriptList.Parse(string.Join('+', names.Skip(1))).TryGet(out var scripts, out var rejection))
            return Error(rejection.Detail);

        if (!RunVariables.From(variables).TryGet(out var values, out rejection))
            return Error(rejection.Detail);

        return new RunToolArguments(names[0], scripts, values);
    }

    private static Rejection.Malformed Error(string what) => new($"run: error: {what} ({Usage})");
}
