namespace Servo.Client;

/// <summary>
/// A name that runs have in common: runs that hold it exclude each other, in order of arrival, unless all of them share it.
/// </summary>
public sealed class RunLock
{
    private const int MaxLength = 128;
    private const string SharedSuffix = ";shared";

    /// <summary>
    /// Creates a lock; throws <see cref="ArgumentException"/> unless the name is 1 to 128 ASCII letters, digits and any of
    /// <c>. _ - / :</c>.
    /// </summary>
    public RunLock(string name, bool isShared = false)
    {
        Guard.NotNull(name, nameof(name));

        if (name.Length is 0 or > MaxLength || !name.All(IsNameCharacter))
            throw new ArgumentException(
                $"'{name}' cannot be the name of a lock: use 1 to {MaxLength} letters, digits and any of . _ - / :", nameof(name));

        (Name, IsShared) = (name, isShared);
    }

    /// <summary>The name; case matters.</summary>
    public string Name { get; }

    /// <summary>Whether other runs that share the lock may run at the same time.</summary>
    public bool IsShared { get; }

    /// <summary>
    /// Reads <c>NAME</c> or <c>NAME;shared</c>, the form of <see cref="ToString"/>; throws <see cref="ArgumentException"/> for anything
    /// else.
    /// </summary>
    public static RunLock Parse(string text)
    {
        Guard.NotNull(text, nameof(text));

        return text.EndsWith(SharedSuffix, StringComparison.Ordinal)
            ? new RunLock(text.Substring(0, text.Length - SharedSuffix.Length), isShared: true)
            : new RunLock(text);
    }

    /// <summary>The name, followed by <c>;shared</c> where the lock is shared.</summary>
    public override string ToString() => IsShared ? Name + SharedSuffix : Name;

    private static bool IsNameCharacter(char c) =>
        c is >= 'a' and <= 'z' or >= 'A' and <= 'Z' or >= '0' and <= '9' or '.' or '_' or '-' or '/' or ':';
}
