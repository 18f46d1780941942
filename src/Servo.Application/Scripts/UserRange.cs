using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Servo.Application.Scripts;

/// <summary>Numbers of users that nobody else uses, written as <c>200000-200999</c>.</summary>
/// <param name="First">The first of them, from 1.</param>
/// <param name="Last">The last of them, up to 4,294,967,294; not below the first.</param>
public sealed record UserRange(uint First, uint Last)
{
    /// <summary>How many they are.</summary>
    public long Count => (long)Last - First + 1;

    /// <summary>Reads a range; <see langword="false"/> where the text is none.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out UserRange? range)
    {
        ArgumentNullException.ThrowIfNull(text);
        range = text.Split('-') is [var first, var last] && IsUser(first, out var from) && IsUser(last, out var to) && from <= to
            ? new UserRange(from, to)
            : null;
        return range is not null;
    }

    // The largest number stands for "no change" in chown(2) and setuid(2).
    private static bool IsUser(string text, out uint user) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out user) && user is > 0 and < uint.MaxValue;
}
