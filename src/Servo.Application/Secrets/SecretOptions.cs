using System.ComponentModel.DataAnnotations;

namespace Servo.Application.Secrets;

/// <summary>What opens secrets that were encrypted for a certificate (<c>*.p7m</c>).</summary>
public sealed class SecretOptions : IValidatableObject
{
    /// <summary>Its section of the configuration.</summary>
    public const string Section = GatewayOptions.Section + ":Secrets";

    /// <summary>The key of <see cref="Certificate"/>.</summary>
    public const string CertificateKey = Section + ":" + nameof(Certificate);

    /// <summary>The key of <see cref="PrivateKey"/>.</summary>
    public const string PrivateKeyKey = Section + ":" + nameof(PrivateKey);

    /// <summary>The key of <see cref="Password"/>.</summary>
    public const string PasswordKey = Section + ":" + nameof(Password);

    /// <summary>The file of the gateway's certificate, of an RSA key: PEM, or PKCS #12 with as many as there are.</summary>
    /// <value>An absolute path; default: secrets of this kind are left encrypted.</value>
    public string? Certificate { get; set; }

    /// <summary>The file of its private key in PEM, where that is not in the file of the certificate.</summary>
    /// <value>An absolute path; default: none.</value>
    public string? PrivateKey { get; set; }

    /// <summary>The password of the private key, or of the PKCS #12 file.</summary>
    /// <value>Default: none.</value>
    public string? Password { get; set; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        (string Key, string? Path)[] files = [(CertificateKey, Certificate), (PrivateKeyKey, PrivateKey)];

        foreach (var (key, path) in files.Where(file => file.Path is not null && !Path.IsPathFullyQualified(file.Path)))
            yield return new ValidationResult($"{key}: '{path}' is not an absolute path.");

        if (Certificate is null && (PrivateKey ?? Password) is not null)
            yield return new ValidationResult($"{PrivateKeyKey} and {PasswordKey} have an effect only with {CertificateKey}: set that, or remove them.");
    }
}
