using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Security.Cryptography.Xml;
using System.Text;
using Microsoft.Extensions.Options;
using Servo.Application.Secrets;

namespace Servo.Infrastructure.Secrets;

/// <summary>
/// Opens what <c>openssl cms -encrypt -binary</c> wrote for one of the gateway's certificates, as DER or PEM: EnvelopedData of the Cryptographic Message Syntax
/// (RFC 5652). Nobody signs it: whoever has the certificate can make one, and what is opened is as trustworthy as the bundle that it came in.
/// </summary>
internal sealed class CertificateDecryptor : ISecretDecryptor, IDisposable
{
    // It is opened in memory. What is larger is data, and no secret.
    private const int MostBytes = 16 << 20;

    private const string Expected = "'openssl cms -encrypt -aes256 -binary -outform PEM' writes what is";

    private readonly X509Certificate2Collection _certificates;

    public CertificateDecryptor(IOptions<SecretOptions> options) => _certificates = SecretCertificates.Read(options.Value);

    public string Extension => ".p7m";

    public string? WhyNone => _certificates.Count > 0 ? null : $"{SecretOptions.CertificateKey} is not set";

    public async Task<string?> DecryptAsync(string path, string clearPath, CancellationToken cancellationToken)
    {
        if (new FileInfo(path).Length > MostBytes)
            return $"it has more than {MostBytes >> 20} MiB";

        if (Content(await File.ReadAllBytesAsync(path, cancellationToken)) is not { } content)
            return $"it is neither DER nor PEM of CMS; {Expected}";

        if (Open(content, out var clear) is { } why)
            return why;

        try
        {
            await ClearFile.ReplaceAsync(path, clearPath, file => file.WriteAsync(clear, cancellationToken).AsTask());
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(clear);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var certificate in _certificates)
            certificate.Dispose();
    }

    /// <summary>The bytes of DER, out of PEM if it is that, whatever that is called: OpenSSL says CMS, others PKCS7.</summary>
    private static byte[]? Content(byte[] file)
    {
        // A DER sequence.
        if (file is [0x30, ..])
            return file;

        var text = Encoding.UTF8.GetString(file);
        return PemEncoding.TryFind(text, out var fields) ? Convert.FromBase64String(text[fields.Base64Data]) : null;
    }

    private string? Open(byte[] content, out byte[] clear)
    {
        clear = [];
        var message = new EnvelopedCms();

        try
        {
            message.Decode(content);
        }
        catch (CryptographicException)
        {
            return $"it is not CMS EnvelopedData; {Expected}";
        }

        var recipients = message.RecipientInfos.Cast<RecipientInfo>().ToList();

        foreach (var recipient in recipients.OfType<KeyTransRecipientInfo>())
        {
            if (_certificates.FirstOrDefault(certificate => recipient.RecipientIdentifier.MatchesCertificate(certificate)) is { } certificate)
                return Open(message, recipient, certificate, out clear);
        }

        return $"it is for none of the gateway's certificates but for {string.Join(", ", recipients.Select(Name))}";
    }

    private static string? Open(EnvelopedCms message, KeyTransRecipientInfo recipient, X509Certificate2 certificate, out byte[] clear)
    {
        clear = [];

        try
        {
            using var key = certificate.GetRSAPrivateKey();
            message.Decrypt(recipient, key);
            clear = message.ContentInfo.Content;
            return null;
        }
        catch (CryptographicException)
        {
            // One sentence for whatever it is: who could tell a wrong key from wrong padding could open secrets by asking.
            return "it does not open with the gateway's certificate: it was changed or cut off";
        }
    }

    private static string Name(RecipientInfo recipient) => recipient.RecipientIdentifier.Value switch
    {
        X509IssuerSerial named => $"the one of '{named.IssuerName}' with the number {named.SerialNumber}",
        string key => $"the one whose key is {key}",
        _ => "one that has no name",
    };
}
