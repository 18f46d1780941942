using Servo.CommandLines;
using Servo.Domain;

namespace Servo.Ochopod.Tools;

/// <summary>What the line of the tool <c>run</c> says.</summary>
internal sealed record RunToolArguments(string Archive, ScriptList Scripts, RunVariables Variables)
{
    private const string Usage = "usage: run [-h] [-v NAME:VALUE [NAME:VALUE ...]] TGZ SCRIPT [SCRIPT ...]";

    private static readonly string[] _options = ["-h", "--help", "-v", "--variables"];

    /// <summary>
    /// Reads the line as the original did: all words after <c>-v</c> up to the next option or <c>--</c> are variables, as is what one word holds together
    /// with the option (<c>-va:1</c>, <c>--var=a:1</c>). A refusal's detail is what the tool prints.
    /// </summary>
    public static Result<RunToolArguments> Parse(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var end = Array.IndexOf(words, "--") is >= 0 and var dashes ? dashes : words.Length;
        var names = new List<string>();
        var variables = new List<string>();
        string? unrecognized = null;

        for (var i = 0; i < end;)
        {
            var option = OptionWord.Read(words[i++], _options, out var error);

            switch (option.Name)
            {
                case null when error is null:
                    names.Add(words[i - 1]);
                    break;
                case null:
                    unrecognized ??= error;
                    break;
                case "-h" or "--help":
                    return option.Value is null ? new Refusal.Malformed(Usage) : Error($"argument -h/--help: ignored explicit argument '{option.Value}'");
                case var _ when option.Value is not null:
                    variables.Add(option.Value);
                    break;
                case var _ when TakeWords(words[..end], ref i) is { Count: > 0 } values:
                    variables.AddRange(values);
                    break;
                default:
                    return Error("argument -v/--variables: expected at least one argument");
            }
        }

        names.AddRange(words.Skip(end + 1));
        return variables.FirstOrDefault(variable => variable.IndexOf(':', StringComparison.Ordinal) <= 0) is { } odd
            ? Error($"argument -v/--variables: expected NAME:VALUE, not '{odd}'")
            : Check(names, variables, unrecognized);
    }

    private static List<string> TakeWords(string[] words, ref int next)
    {
        var taken = new List<string>();

        while (next < words.Length && OptionWord.Read(words[next], _options, out var error) is { Name: null } && error is null)
            taken.Add(words[next++]);

        return taken;
    }

    private static Result<RunToolArguments> Check(List<string> names, List<string> variables, string? unrecognized)
    {
        if (names.Count < 2)
            return Error("too few arguments");

        if (unrecognized is not null)
            return Error(unrecognized);

        if (!ScriptList.Parse(string.Join('+', names.Skip(1))).TryGet(out var scripts, out var refusal))
            return Error(refusal.Detail);

        // A value may hold colons itself.
        var pairs = variables.Select(variable => variable.Split(':', 2)).Select(pair => KeyValuePair.Create(pair[0], pair[1]));

        if (!RunVariables.From(pairs).TryGet(out var values, out refusal))
            return Error(refusal.Detail);

        return new RunToolArguments(names[0], scripts, values);
    }

    private static Refusal.Malformed Error(string what) => new($"run: error: {what} ({Usage})");
}
