using System.CommandLine;
using Servo.Cli.Files;
using Servo.Cli.Options;
using Servo.Cli.Terminal;
using Servo.Client;

namespace Servo.Cli.Commands;

/// <summary>Decrypts files with the servo token.</summary>
internal sealed class DecryptCommand : SecretCommand
{
    private readonly TokenFileOption _token = new();

    public DecryptCommand(StandardStreams streams) : base(
        streams,
        "decrypt",
        "Decrypts files that 'servo encrypt' or 'openssl enc -aes-256-cbc' has made, each to FILE without .aes, readable by its owner only.",
        "The files to decrypt.",
        "servo decrypt deploy/settings.yml.aes",
        "servo decrypt deploy/settings.yml.aes -o -") => Add(_token);

    protected override UnixFileMode? Mode => AtomicFile.Private;

    protected override Conversion Prepare(ParseResult result)
    {
        var credential = _token.Read(result);
        return new Conversion(NameFor, (source, destination, cancellationToken) => Secret.DecryptAsync(source, destination, credential, cancellationToken));
    }

    private static string NameFor(string file) =>
        file.EndsWith(CertificateSecret.Extension, StringComparison.Ordinal)
            ? throw new UsageException(
                $"'{file}' was encrypted for a certificate: 'openssl cms -decrypt -inform PEM -inkey KEY' opens it with its private key.")
        : file.EndsWith(Secret.Extension, StringComparison.Ordinal) && Path.GetFileName(file) != Secret.Extension
            ? file[..^Secret.Extension.Length]
            : throw new UsageException($"'{file}' does not end with {Secret.Extension}: give -o FILE.");
}
