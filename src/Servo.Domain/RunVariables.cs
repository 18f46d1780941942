using System.Collections;

namespace Servo.Domain;

/// <summary>The variables that a caller sets in the environment of its scripts, under the names that the scripts see.</summary>
public sealed class RunVariables : IReadOnlyCollection<KeyValuePair<string, string>>
{
    private readonly SortedDictionary<string, string> _values;

    private RunVariables(SortedDictionary<string, string> values) => _values = values;

    /// <summary>No variable at all.</summary>
    public static RunVariables None { get; } = new([]);

    /// <inheritdoc/>
    public int Count => _values.Count;

    /// <summary>
    /// Upper-cases each name and turns <c>-</c> and <c>.</c> into <c>_</c>; the last of equal names wins. A name that is then no identifier,
    /// one that steers a loader, an interpreter, a shell, TLS or the like, or a NUL in a value is <see cref="Refusal.Malformed"/>.
    /// </summary>
    public static Result<RunVariables> From(IEnumerable<KeyValuePair<string, string>> pairs)
    {
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);

        foreach (var (given, value) in pairs)
        {
            var written = given.Replace('-', '_').Replace('.', '_');

            // Checked before it is upper-cased: outside of globalization-invariant mode U+017F (long s) becomes a plain S.
            if (!VariableName.IsIdentifier(written))
                return new Refusal.Malformed($"The variable name '{given}' is not an identifier: use letters, digits and '_', and do not start with a digit.");

            var name = written.ToUpperInvariant();

            if (SteeringVariables.TargetOf(name) is { } target)
                return new Refusal.Malformed($"The variable name '{given}' is reserved: it steers {target}.");

            if (value.Contains('\0'))
                return new Refusal.Malformed($"The value of the variable '{given}' holds a NUL character.");

            values[name] = value;
        }

        return new RunVariables(values);
    }

    /// <summary>Variables as a store has kept them: a name that was taken then is not refused by a later version.</summary>
    public static RunVariables Restore(IEnumerable<KeyValuePair<string, string>> pairs) =>
        new(new SortedDictionary<string, string>(new Dictionary<string, string>(pairs), StringComparer.Ordinal));

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
