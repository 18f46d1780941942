namespace Servo.Client.Runs;

/// <summary>The scripts of a run, in order, as the request's address names them.</summary>
internal sealed class ScriptNames
{
    private ScriptNames(IReadOnlyList<string> names) => Names = names;

    public IReadOnlyList<string> Names { get; }

    /// <summary>The last segment of the address: <c>+</c> separates the names, and a folder's slash is encoded.</summary>
    public string Segment => string.Join("+", Names.Select(Uri.EscapeDataString));

    /// <summary>
    /// Throws <see cref="ArgumentException"/> for a name that the address cannot carry; only the gateway can tell whether a script exists.
    /// </summary>
    public static ScriptNames From(IEnumerable<string> scripts)
    {
        Guard.NotNull(scripts, nameof(scripts));
        var names = scripts.ToList();

        if (names.Count == 0)
            throw new ArgumentException("There is no script to run: name at least one.", nameof(scripts));

        foreach (var name in names)
        {
            if (string.IsNullOrEmpty(name))
                throw new ArgumentException("The name of a script is empty.", nameof(scripts));

            if (name.IndexOf('+') >= 0)
                throw new ArgumentException(
                    $"The script '{name}' cannot be named in a request, where '+' separates scripts: rename it.", nameof(scripts));

            // A segment of dots alone would be resolved, not sent (RFC 3986, section 5.2.4).
            if (name is "." or "..")
                throw new ArgumentException($"'{name}' cannot be the name of a script.", nameof(scripts));
        }

        return new ScriptNames(names);
    }

    public override string ToString() => string.Join(", ", Names);
}
