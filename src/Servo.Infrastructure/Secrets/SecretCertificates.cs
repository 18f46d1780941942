using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Servo.Application.Secrets;

namespace Servo.Infrastructure.Secrets;

/// <summary>The gateway's certificates for secrets, with their private keys, as the settings name them.</summary>
public static class SecretCertificates
{
    private const byte Sequence = 0x30; // what a PKCS #12 file begins with, and no text

    /// <summary>What is wrong with them, in a sentence that begins with a key.</summary>
    public static IEnumerable<string> Problems(SecretOptions options)
    {
        string? problem = null;

        try
        {
            foreach (var certificate in Read(options))
                certificate.Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or InvalidDataException)
        {
            problem = $"{SecretOptions.CertificateKey}: '{options.Certificate}' cannot be used: {e.Message}";
        }

        return problem is null ? [] : [problem];
    }

    /// <summary>What an operator may not have meant, in sentences that begin with a key; <see cref="Problems"/> must have found nothing.</summary>
    public static IEnumerable<string> Warnings(SecretOptions options, DateTimeOffset now)
    {
        foreach (var certificate in Read(options))
        {
            using (certificate)
            {
                if (certificate.NotAfter < now.LocalDateTime)
                {
                    yield return $"{SecretOptions.CertificateKey}: the certificate '{certificate.Subject}' has expired on {certificate.NotAfter:yyyy-MM-dd}; "
                        + "its secrets are opened all the same.";
                }
            }
        }
    }

    /// <summary>All of them; none where no setting names any.</summary>
    /// <exception cref="InvalidDataException">One has no private RSA key.</exception>
    internal static X509Certificate2Collection Read(SecretOptions options)
    {
        if (options.Certificate is not { } path)
            return [];

        using var start = File.OpenRead(path);
        var certificates = start.ReadByte() == Sequence
            ? X509CertificateLoader.LoadPkcs12CollectionFromFile(path, options.Password, X509KeyStorageFlags.EphemeralKeySet)
            : [ReadPem(path, options)];

        // The others in a file are those of the authorities above.
        X509Certificate2Collection own = [.. certificates.Where(certificate => certificate.HasPrivateKey)];

        foreach (var certificate in own)
        {
            using var key = certificate.GetRSAPrivateKey();

            if (key is null)
                throw new InvalidDataException($"The key of '{certificate.Subject}' is not of RSA, and no other opens secrets.");
        }

        return own.Count > 0 ? own : throw new InvalidDataException($"It has no private key: name that by {SecretOptions.PrivateKeyKey}.");
    }

    private static X509Certificate2 ReadPem(string path, SecretOptions options) =>
        options.Password is { } password
            ? X509Certificate2.CreateFromEncryptedPemFile(path, password, options.PrivateKey)
            : X509Certificate2.CreateFromPemFile(path, options.PrivateKey);
}
