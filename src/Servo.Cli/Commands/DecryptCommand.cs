using Servo.Cli.Files;
using Servo.Cli.Terminal;
using Servo.Client;

namespace Servo.Cli.Commands;

/// <summary>Decrypts files with the servo token.</summary>
internal sealed class DecryptCommand(StandardStreams streams) : SecretCommand(
    streams,
    "decrypt",
    "Decrypts files that 'servo encrypt' or 'openssl enc -aes-256-cbc' has made, each to FILE without .aes, readable by its owner only.",
    "The files to decrypt.",
    "servo decrypt deploy/settings.yml.aes",
    "servo decrypt deploy/settings.yml.aes -o -")
{
    protected override UnixFileMode? Mode => AtomicFile.Private;

    protected override string NameFor(string file) =>
        file.EndsWith(Secret.Extension, StringComparison.Ordinal) && Path.GetFileName(file) != Secret.Extension
            ? file[..^Secret.Extension.Length]
            : throw new UsageException($"'{file}' does not end with {Secret.Extension}: give -o FILE.");

    protected override Task TurnAsync(Stream source, Stream destination, ServoCredential credential, CancellationToken cancellationToken) =>
        Secret.DecryptAsync(source, destination, credential, cancellationToken);
}
