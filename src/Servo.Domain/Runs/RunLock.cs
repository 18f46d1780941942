namespace Servo.Domain.Runs;

/// <summary>A name that runs have in common: one that holds it excludes all others, or, where both share it, none.</summary>
public sealed record RunLock
{
    private const int MaxLength = 128;
    private const int MaxCount = 64;
    private const string SharedSuffix = "shared";

    private RunLock(string name, bool isShared) => (Name, IsShared) = (name, isShared);

    /// <summary>1 to 128 letters, digits and any of <c>. _ - / :</c> in ASCII; case matters.</summary>
    public string Name { get; }

    /// <summary>Whether others that share it may run at the same time.</summary>
    public bool IsShared { get; }

    /// <summary>
    /// Reads the values of <c>X-Lock</c>: names separated by commas, each with <c>;shared</c> behind it where it is shared; a name twice counts once, and
    /// excludes where either does. Anything else is <see cref="Refusal.Malformed"/>.
    /// </summary>
    public static Result<IReadOnlyList<RunLock>> Parse(IEnumerable<string?> values)
    {
        var locks = new SortedDictionary<string, RunLock>(StringComparer.Ordinal);

        foreach (var item in values.SelectMany(value => (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))
        {
            var parts = item.Split(';', StringSplitOptions.TrimEntries);

            if (!IsName(parts[0]) || parts is not ([_] or [_, SharedSuffix]))
                return new Refusal.Malformed(
                    $"The lock '{item}' is malformed. Write X-Lock: NAME or NAME;{SharedSuffix}, with a name of at most {MaxLength} "
                    + "letters, digits and any of . _ - / :");

            var isShared = parts.Length == 2 && locks.GetValueOrDefault(parts[0]) is null or { IsShared: true };
            locks[parts[0]] = new RunLock(parts[0], parts.Length == 2 && isShared);
        }

        return locks.Count <= MaxCount ? locks.Values.ToArray() : new Refusal.Malformed($"X-Lock names {locks.Count} locks; a run may have {MaxCount}.");
    }

    /// <inheritdoc/>
    public override string ToString() => IsShared ? $"{Name};{SharedSuffix}" : Name;

    private static bool IsName(string text) =>
        text.Length is > 0 and <= MaxLength && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '/' or ':');
}
