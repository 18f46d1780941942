using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Servo.Cli.Files;

/// <summary>
/// Secrets that a certificate's private key opens: EnvelopedData of the Cryptographic Message Syntax (RFC 5652) in PEM, with AES-256-CBC and RSAES-OAEP,
/// as <c>openssl cms</c> reads it.
/// </summary>
internal static class CertificateSecret
{
    /// <summary>What follows the name of the clear file.</summary>
    public const string Extension = ".p7m";

    private const string Label = "CMS";
    private const string Aes256 = "2.16.840.1.101.3.4.1.42";

    // What a gateway opens at most, less than what the encryption adds.
    private const int MostBytes = 10 << 20;

    /// <summary>Reads a certificate in PEM or DER.</summary>
    /// <exception cref="UsageException">It is none, or its key cannot encrypt.</exception>
    public static X509Certificate2 ReadCertificate(string file)
    {
        try
        {
            var certificate = X509CertificateLoader.LoadCertificateFromFile(file);
            using var key = certificate.GetRSAPublicKey();
            return key is not null
                ? certificate
                : throw new UsageException($"The key of the certificate '{file}' is not of RSA: make one with 'openssl req -newkey rsa:3072'.");
        }
        catch (CryptographicException e) when (File.Exists(file))
        {
            throw new UsageException($"'{file}' is not a certificate in PEM or DER ({e.Message}).");
        }
        catch (CryptographicException)
        {
            throw new UsageException($"The certificate '{file}' does not exist.");
        }
    }

    /// <summary>Encrypts for all of the certificates; each opens it.</summary>
    /// <exception cref="UsageException">The file is larger than a gateway opens.</exception>
    public static async Task EncryptAsync(Stream source, Stream destination, X509Certificate2[] certificates, CancellationToken cancellationToken)
    {
        using var clear = new MemoryStream();
        await source.CopyToAsync(clear, cancellationToken);

        if (clear.Length > MostBytes)
            throw new UsageException($"It has more than {MostBytes >> 20} MiB, which a gateway does not open for a certificate: encrypt it with the token.");

        var message = new EnvelopedCms(new ContentInfo(clear.ToArray()), new AlgorithmIdentifier(new Oid(Aes256)));
        var recipients = new CmsRecipientCollection();

        foreach (var certificate in certificates)
            recipients.Add(new CmsRecipient(SubjectIdentifierType.IssuerAndSerialNumber, certificate, RSAEncryptionPadding.OaepSHA256));

        message.Encrypt(recipients);
        await destination.WriteAsync(Encoding.ASCII.GetBytes(PemEncoding.WriteString(Label, message.Encode()) + '\n'), cancellationToken);
    }
}
