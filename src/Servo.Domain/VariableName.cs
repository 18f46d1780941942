namespace Servo.Domain;

/// <summary>The rules on the names of variables.</summary>
public static class VariableName
{
    /// <summary>Whether it consists of letters, digits and <c>_</c> and does not start with a digit.</summary>
    public static bool IsIdentifier(string name) =>
        name is { Length: > 0 } && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    /// <summary>What a variable would steer that not even the operator may give scripts; <see langword="null"/> where it is free.</summary>
    public static string? ReservedFor(string name) => SteeringVariables.OwnTargetOf(name.ToUpperInvariant());

    /// <summary>
    /// A reserved name that begins so, or a beginning of such names, and what it steers; <see langword="null"/> where there is none.
    /// </summary>
    public static (string Name, string Target)? ReservedBelow(string beginning) => SteeringVariables.OwnBelow(beginning.ToUpperInvariant());
}
