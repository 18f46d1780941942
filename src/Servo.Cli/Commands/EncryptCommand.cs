using Servo.Cli.Terminal;
using Servo.Client;

namespace Servo.Cli.Commands;

/// <summary>Encrypts files with the servo token.</summary>
internal sealed class EncryptCommand(StandardStreams streams) : SecretCommand(
    streams,
    "encrypt",
    "Encrypts files with the servo token, as FILE.aes beside each; the clear files stay. The gateway decrypts them before the scripts run.",
    "The files to encrypt.",
    "servo encrypt deploy/settings.yml",
    "servo encrypt deploy/secrets/* --token-file ~/.servo-token",
    "servo encrypt ~/key.pem -o deploy/key.pem.aes --force")
{
    protected override UnixFileMode? Mode => null;

    protected override string NameFor(string file) => file + Secret.Extension;

    protected override Task TurnAsync(Stream source, Stream destination, ServoCredential credential, CancellationToken cancellationToken) =>
        Secret.EncryptAsync(source, destination, credential, cancellationToken);
}
