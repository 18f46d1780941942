namespace Servo.Shared;

/// <summary>
/// The host's settings for the token, which clients do not read; they are often set by mistake instead of <c>SERVO_TOKEN</c>.
/// </summary>
internal static class HostTokenSetting
{
    private static readonly string[] _names = ["Servo__Token", "Servo__TokenFile"];

    /// <summary>A sentence about the setting found in the environment, after a space; empty if there is none.</summary>
    public static string Hint()
    {
        // The host reads its settings in either case.
        var found = Environment.GetEnvironmentVariables().Keys.Cast<string>()
            .FirstOrDefault(name => _names.Contains(name, StringComparer.OrdinalIgnoreCase));

        return found is null ? "" : $" {found} is set, but only the gateway's host reads it.";
    }
}
