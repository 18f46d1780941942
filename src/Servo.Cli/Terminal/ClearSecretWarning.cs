using Servo.Client;

namespace Servo.Cli.Terminal;

/// <summary>The warning about an unencrypted file that is packed beside its encrypted form.</summary>
internal static class ClearSecretWarning
{
    public static string Text(RunProgress.ClearSecret secret) =>
        $"'{secret.Name}' is packed in the clear beside '{secret.EncryptedName}', its encrypted form. "
        + "Leave it out with --exclude or a .servoignore file, or remove it.";
}
