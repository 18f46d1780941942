namespace Servo.Client;

/// <summary>What <c>ArgumentNullException.ThrowIfNull</c> does, on every target.</summary>
internal static class Guard
{
    public static void NotNull(object? value, string name)
    {
        if (value is null)
            throw new ArgumentNullException(name);
    }
}
