using System.Collections;
using Microsoft.Extensions.Options;
using Servo.Domain;

namespace Servo.Application.Scripts;

/// <summary>The variables that the operator gives every script: those of the settings, and those of the host that are passed on.</summary>
public sealed class ScriptVariables
{
    // A shorter token is as likely a part of something else, such as of a host's name.
    private const int LeastFoundInside = 8;

    /// <summary>Reads the host's environment once.</summary>
    public ScriptVariables(IOptions<ScriptOptions> options) => Values = Read(options.Value);

    /// <summary>The variables with their values; no log and no answer shows these.</summary>
    public IReadOnlyDictionary<string, string> Values { get; }

    /// <summary>Why a run is refused that sets one of them itself; <see langword="null"/> where it sets none.</summary>
    public Refusal? RefusalOf(RunVariables variables)
    {
        var name = variables.Select(variable => variable.Key).FirstOrDefault(Values.ContainsKey);

        return name is null
            ? null
            : new Refusal.Malformed(
                $"The variable name '{name}' is reserved: the gateway itself gives it to every script. Choose another name.");
    }

    /// <summary>What would show scripts one of the tokens, as a value or a part of one.</summary>
    public static IEnumerable<string> Leaks(ScriptOptions options, IEnumerable<string?> tokens)
    {
        string[] secrets = [.. tokens.OfType<string>().Where(token => token.Length > 0)];

        foreach (var (name, value) in options.Environment)
        {
            if (Holds(value, secrets))
            {
                yield return $"{ScriptOptions.EnvironmentKey}:{name} holds a token of Servo, which scripts must not see: "
                    + "give them a credential of their own.";
            }
        }

        foreach (var (name, entry, value) in Passed(options))
        {
            if (ProblemOfEntry(entry) is null && Holds(value, secrets))
                yield return $"{Covers(entry, name)} holds a token of Servo: {OneByOne}.";
        }
    }

    /// <summary>What is wrong with the names.</summary>
    internal static IEnumerable<string> Problems(ScriptOptions options)
    {
        foreach (var name in options.Environment.Keys)
        {
            if (ProblemOfName(name) is { } problem)
                yield return $"{ScriptOptions.EnvironmentKey}:{name} {problem}.";
        }

        foreach (var entry in options.PassThrough)
        {
            if (ProblemOfEntry(entry) is { } problem)
                yield return $"{ScriptOptions.PassThroughKey}: '{entry}' {problem}.";
        }

        // What a pattern cannot tell: names are reserved by their ends as well.
        foreach (var (name, entry, _) in Passed(options))
        {
            if (ProblemOfEntry(entry) is null && VariableName.ReservedFor(name) is { } target)
                yield return $"{Covers(entry, name)} steers {target}: {OneByOne}.";
        }
    }

    private const string OneByOne = "name the other variables one by one";

    private static string Covers(string entry, string name) => $"{ScriptOptions.PassThroughKey}: '{entry}' covers {name}, which";

    private static string? ProblemOfName(string name) =>
        !VariableName.IsIdentifier(name) ? "must be named after a variable: use letters, digits and '_', and do not start with a digit"
        : VariableName.ReservedFor(name) is { } target
            ? $"is reserved: it steers {target}. Choose another name; a script can set this one for what it starts"
        : null;

    private static string? ProblemOfEntry(string entry)
    {
        var isBeginning = entry.EndsWith('*');
        var name = isBeginning ? entry[..^1] : entry;

        if (entry != "*" && !VariableName.IsIdentifier(name))
            return "must be the name of a variable, or the beginning of names with a * behind it";

        if (isBeginning)
        {
            return VariableName.ReservedBelow(name) is var (reserved, steered)
                ? $"covers {reserved}, which steers {steered}: write a longer beginning, or name the variables one by one"
                : null;
        }

        return VariableName.ReservedFor(name) is { } target
            ? $"is reserved: it steers {target}. Remove it; a script can set it for what it starts"
            : null;
    }

    private static bool Holds(string value, string[] secrets) => secrets.Any(
        token => value == token || (token.Length >= LeastFoundInside && value.Contains(token, StringComparison.Ordinal)));

    private static Dictionary<string, string> Read(ScriptOptions options)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);

        foreach (var (name, _, value) in Passed(options))
            values[name] = value;

        foreach (var (name, value) in options.Environment)
            values[name] = value;

        return values;
    }

    /// <summary>The host's variables that are passed on, each with the entry that names it.</summary>
    private static IEnumerable<(string Name, string Entry, string Value)> Passed(ScriptOptions options) =>
        from variable in Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
        let name = (string)variable.Key
        let entry = options.PassThrough.FirstOrDefault(entry => Names(entry, name))
        where entry is not null && VariableName.IsIdentifier(name)
        select (name, entry, (string?)variable.Value ?? "");

    private static bool Names(string entry, string name) =>
        entry.EndsWith('*') ? name.StartsWith(entry[..^1], StringComparison.Ordinal) : name == entry;
}
