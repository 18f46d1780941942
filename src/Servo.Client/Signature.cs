using System.Security.Cryptography;

namespace Servo.Client;

/// <summary>
/// The value of the header <c>X-Signature</c>: the algorithm's name, <c>=</c> and the archive's HMAC (RFC 2104) in lower-case hexadecimal.
/// </summary>
public static class Signature
{
    private const int BufferSize = 128 * 1024;

    /// <summary>Signs an archive in memory.</summary>
    public static string Compute(byte[] archive, ServoCredential credential, SignatureAlgorithm algorithm = SignatureAlgorithm.Sha256)
    {
        Guard.NotNull(archive, nameof(archive));
        using var hmac = Start(credential, algorithm);
        hmac.AppendData(archive);
        return Finish(hmac, algorithm);
    }

    /// <summary>Signs the rest of a stream without buffering it; the stream stays open.</summary>
    public static async Task<string> ComputeAsync(
        Stream archive,
        ServoCredential credential,
        SignatureAlgorithm algorithm = SignatureAlgorithm.Sha256,
        CancellationToken cancellationToken = default)
    {
        Guard.NotNull(archive, nameof(archive));
        using var hmac = Start(credential, algorithm);
        var buffer = new byte[BufferSize];

        while (await archive.ReadAsync(buffer, 0, buffer.Length, cancellationToken).ConfigureAwait(false) is > 0 and var read)
            hmac.AppendData(buffer, 0, read);

        return Finish(hmac, algorithm);
    }

    internal static IncrementalHash Start(ServoCredential credential, SignatureAlgorithm algorithm)
    {
        Guard.NotNull(credential, nameof(credential));

        return IncrementalHash.CreateHMAC(Name(algorithm), credential.ToBytes());
    }

    internal static string Finish(IncrementalHash hmac, SignatureAlgorithm algorithm) =>
        $"{Name(algorithm).Name!.ToLowerInvariant()}={BitConverter.ToString(hmac.GetHashAndReset()).Replace("-", "").ToLowerInvariant()}";

    private static HashAlgorithmName Name(SignatureAlgorithm algorithm) => algorithm switch
    {
        SignatureAlgorithm.Sha1 => HashAlgorithmName.SHA1,
        SignatureAlgorithm.Sha256 => HashAlgorithmName.SHA256,
        SignatureAlgorithm.Sha512 => HashAlgorithmName.SHA512,
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, "Unknown signature algorithm."),
    };
}
