namespace Servo.Client.Bundles;

/// <summary>Looks for scripts among the names of a bundle and stops when all are found.</summary>
internal sealed class ScriptCheck
{
    private const int MaxNamed = 5;
    private const string Main = "__main__.";
    private const string Python = ".py";

    private readonly List<string> _scripts;
    private readonly HashSet<string> _missing;
    private readonly HashSet<string> _endings;
    private readonly HashSet<string> _there = new(StringComparer.Ordinal);

    public ScriptCheck(IReadOnlyList<string> scripts, IEnumerable<string> names)
    {
        _scripts = [.. scripts.Select(Normalize)];
        _missing = new HashSet<string>(_scripts, StringComparer.Ordinal);
        _endings = new HashSet<string>([Python, .. _scripts.Select(EndingOf)], StringComparer.OrdinalIgnoreCase);

        if (_missing.Count == 0)
            return;

        foreach (var name in names)
        {
            Add(name);

            if (_missing.Count == 0)
                return;
        }
    }

    private void Add(string name)
    {
        // The gateway puts the clear file in the place of an encrypted one before any script starts.
        var clear = BundleNames.Clear(BundleNames.WithoutDot(name));
        _missing.Remove(clear);

        if (FileNameOf(clear).StartsWith(Main, StringComparison.Ordinal))
            AddFolder(clear);
        else if (EndingOf(clear) is { Length: > 0 } ending && _endings.Contains(ending))
            _there.Add(clear);
        else
            AddLink(clear);
    }

    // A folder is run by its main file; which endings there are, the gateway's settings say.
    private void AddFolder(string main)
    {
        var name = BundleNames.Parent(main);
        _missing.Remove(name);
        _missing.Remove(name + "/");
        _there.Add(name.Length == 0 ? main : name);
    }

    // Something that is in no folder's place but has a script below it is a link, and only the gateway can tell where it leads.
    private void AddLink(string name) =>
        _missing.RemoveWhere(
            script => script.Length > name.Length && script[name.Length] == '/' && script.StartsWith(name, StringComparison.Ordinal));

    /// <summary>Throws for the first script that is not among the names.</summary>
    public void ThrowIfMissing()
    {
        if (_missing.Count == 0)
            return;

        var script = _scripts.First(_missing.Contains);
        var nearest = _there.OrderBy(name => Distance(name, script)).ThenBy(name => name, BundleNames.Order).FirstOrDefault();
        var hint =
            nearest is null ? $"There is no {string.Join(" or ", _endings.Where(ending => ending.Length > 0))} file in it."
            : IsNear(nearest, script) ? $"Did you mean '{nearest}'?"
            : $"Scripts in it: {Listed()}.";

        throw new BundleException(BundleError.ScriptNotFound, $"The script '{script}' is not in the bundle. {hint}");
    }

    private string Listed()
    {
        var names = string.Join(", ", _there.OrderBy(name => name, BundleNames.Order).Take(MaxNamed));

        return _there.Count > MaxNamed ? $"{names} and {_there.Count - MaxNamed} more" : names;
    }

    private static bool IsNear(string name, string script) =>
        name.EndsWith("/" + script, StringComparison.Ordinal) || Distance(name, script) <= Math.Max(2, script.Length / 4);

    private static string FileNameOf(string name) => name.Substring(name.LastIndexOf('/') + 1);

    private static string EndingOf(string name) =>
        FileNameOf(name) is var file && file.LastIndexOf('.') is > 0 and var dot && dot < file.Length - 1 ? file.Substring(dot) : "";

    /// <summary>The path as the gateway reads it; a trailing slash stays, as it names a folder.</summary>
    private static string Normalize(string script)
    {
        if (script.StartsWith("/", StringComparison.Ordinal))
            return script;

        var path = string.Join("/", script.Split('/').Where(part => part is not ("" or ".")));

        return script.EndsWith("/", StringComparison.Ordinal) ? path + "/" : path;
    }

    // A script that lies in another folder than was said is as near as can be; otherwise Levenshtein's distance counts.
    private static int Distance(string name, string script)
    {
        if (name.EndsWith("/" + script, StringComparison.Ordinal))
            return 0;

        var row = Enumerable.Range(0, script.Length + 1).ToArray();

        for (var i = 1; i <= name.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;

            for (var j = 1; j <= script.Length; j++)
            {
                var replaced = diagonal + (name[i - 1] == script[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[script.Length];
    }
}
