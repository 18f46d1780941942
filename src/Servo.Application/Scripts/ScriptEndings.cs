using System.Collections.Frozen;
using Microsoft.Extensions.Options;

namespace Servo.Application.Scripts;

/// <summary>Which interpreter runs a script, by the ending of its file's name.</summary>
public sealed class ScriptEndings(IOptions<ScriptOptions> options)
{
    internal const string Python = ".py";

    private readonly FrozenDictionary<string, string> _interpreters = options.Value.Interpreters
        .ToFrozenDictionary(setting => Dotted(setting.Key), setting => setting.Value, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether only Python is there: it then runs files of any name, as in the original.</summary>
    public bool IsPythonOnly => _interpreters.Count == 0;

    /// <summary>
    /// Whether a file of this name can be run: by Python (<paramref name="interpreter"/> is <see langword="null"/>) where it ends in
    /// <c>.py</c>, has no ending, or none is configured.
    /// </summary>
    public bool TryFind(string file, out string? interpreter)
    {
        var ending = EndingOf(file);
        return _interpreters.TryGetValue(ending, out interpreter)
            || IsPythonOnly || ending.Length == 0 || ending.Equals(Python, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The endings there are, in words.</summary>
    public override string ToString() => string.Join(", ", _interpreters.Keys.Order(StringComparer.Ordinal).Prepend(Python));

    /// <summary>What is wrong with the setting, but for whether the programs are there.</summary>
    internal static IEnumerable<string> Problems(ScriptOptions options)
    {
        foreach (var (ending, interpreter) in options.Interpreters)
        {
            var key = $"{ScriptOptions.InterpretersKey}:{ending}";

            if (!IsEnding(Dotted(ending)))
                yield return $"{key} must be named after an ending, such as .sh: a dot, then letters, digits, '_' or '-'.";
            else if (Dotted(ending).Equals(Python, StringComparison.OrdinalIgnoreCase))
                yield return $"{key}: scripts in Python are run by {ScriptOptions.PythonKey}; set that instead.";
            else if (options.Interpreters.Keys.Count(other => Dotted(other).Equals(Dotted(ending), StringComparison.OrdinalIgnoreCase)) > 1)
                yield return $"{key} is set twice, with and without its dot: set it once.";
            else if (interpreter.Length == 0 || (interpreter.Contains('/') && !Path.IsPathRooted(interpreter)))
                yield return $"{key} must be an absolute path, such as /bin/bash, or a name that is looked up in PATH.";
        }
    }

    /// <summary>The last suffix of a name with its dot, where something stands before the dot; else empty.</summary>
    private static string EndingOf(string file)
    {
        var name = Path.GetFileName(file);
        return name.LastIndexOf('.') is > 0 and var dot && dot < name.Length - 1 ? name[dot..] : "";
    }

    // Not every shell can set a variable whose name has a dot in it.
    private static string Dotted(string ending) => ending.StartsWith('.') ? ending : $".{ending}";

    private static bool IsEnding(string ending) =>
        ending.Length > 1 && ending[1..].All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
}
