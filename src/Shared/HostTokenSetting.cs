namespace Servo.Shared;

/// <summary>The host's own settings for the token, which callers do not read: mostly one of them is set where <c>SERVO_TOKEN</c> was meant.</summary>
internal static class HostTokenSetting
{
    private static readonly string[] _names = ["Servo__Token", "Servo__TokenFile"];

    /// <summary>A sentence about the setting that is in the environment, with a space before it; empty where there is none.</summary>
    public static string Hint()
    {
        // The host reads its settings in either case.
        var found = Environment.GetEnvironmentVariables().Keys.Cast<string>().FirstOrDefault(name => _names.Contains(name, StringComparer.OrdinalIgnoreCase));

        return found is null ? "" : $" {found} is set, but only the gateway's host reads it.";
    }
}
