using System.Collections;

namespace Servo.Domain;

/// <summary>The scripts of a run, in the order in which they run: at least one, each a relative path inside the bundle.</summary>
public sealed class ScriptList : IReadOnlyList<string>
{
    private readonly string[] _names;

    private ScriptList(string[] names) => _names = names;

    /// <inheritdoc/>
    public int Count => _names.Length;

    /// <inheritdoc/>
    public string this[int index] => _names[index];

    /// <summary>Reads names that are separated by <c>+</c>; an empty name or a NUL is <see cref="Refusal.Malformed"/>.</summary>
    public static Result<ScriptList> Parse(string joined) => From(joined.Split('+'));

    /// <summary>Takes names one by one; an empty list, an empty name or a NUL is <see cref="Refusal.Malformed"/>.</summary>
    public static Result<ScriptList> From(IEnumerable<string> names)
    {
        var list = names.ToArray();

        if (list.Length == 0 || list.Any(string.IsNullOrWhiteSpace))
            return new Refusal.Malformed("A script name is empty. Write /run/first.py+second.py, with a name before and after each '+'.");

        if (list.Any(name => name.Contains('\0')))
            return new Refusal.Malformed("A script name holds a NUL character.");

        return new ScriptList(list);
    }

    /// <inheritdoc/>
    public IEnumerator<string> GetEnumerator() => ((IEnumerable<string>)_names).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The names, joined as in the address of a run.</summary>
    public override string ToString() => string.Join('+', _names);
}
