using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using Servo.Cli.Files;
using Servo.Cli.Options;
using Servo.Cli.Terminal;
using Servo.Client;

namespace Servo.Cli.Commands;

/// <summary>Encrypts files with the servo token, or for certificates.</summary>
internal sealed class EncryptCommand : SecretCommand
{
    private readonly StandardStreams _streams;
    private readonly TokenFileOption _token = new();
    private readonly Option<string[]> _certificates = new("--certificate")
    {
        Description = "Encrypt for the certificate in this file instead, as FILE.p7m, without a token; several times for several gateways.",
        HelpName = "FILE",
        Arity = ArgumentArity.OneOrMore,
    };

    public EncryptCommand(StandardStreams streams) : base(
        streams,
        "encrypt",
        "Encrypts files with the servo token, as FILE.aes beside each; the clear files stay. The gateway decrypts them before the scripts run.",
        "The files to encrypt.",
        "servo encrypt deploy/settings.yml",
        "servo encrypt deploy/secrets/* --token-file ~/.servo-token",
        "servo encrypt ~/key.pem -o deploy/key.pem.aes --force",
        "servo encrypt deploy/settings.yml --certificate gateway.pem")
    {
        _streams = streams;
        Add(_token);
        Add(_certificates);
    }

    protected override UnixFileMode? Mode => null;

    protected override Conversion Prepare(ParseResult result)
    {
        if (result.GetValue(_certificates) is { Length: > 0 } files)
        {
            X509Certificate2[] certificates = [.. files.Select(Read)];
            return new Conversion(
                file => file + CertificateSecret.Extension,
                (source, destination, cancellationToken) => CertificateSecret.EncryptAsync(source, destination, certificates, cancellationToken));
        }

        var credential = _token.Read(result);
        return new Conversion(
            file => file + Secret.Extension,
            (source, destination, cancellationToken) => Secret.EncryptAsync(source, destination, credential, cancellationToken));
    }

    private X509Certificate2 Read(string file)
    {
        var certificate = CertificateSecret.ReadCertificate(file);

        if (certificate.NotAfter < DateTime.Now)
            _streams.Warn($"The certificate '{file}' ({certificate.Subject}) has expired on {certificate.NotAfter:yyyy-MM-dd}.");

        return certificate;
    }
}
