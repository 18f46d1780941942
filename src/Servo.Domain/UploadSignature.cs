using System.Security.Cryptography;

namespace Servo.Domain;

/// <summary>The HMAC (RFC 2104) that a caller claims for an archive, with the hash function that it names.</summary>
public sealed class UploadSignature
{
    private readonly byte[] _digest;

    private UploadSignature(HashAlgorithmName algorithm, byte[] digest) => (Algorithm, _digest) = (algorithm, digest);

    /// <summary>SHA-1, SHA-256 or SHA-512.</summary>
    public HashAlgorithmName Algorithm { get; }

    /// <summary>
    /// Reads <c>sha1=</c>, <c>sha256=</c> or <c>sha512=</c> and the digest in
    /// hexadecimal of either case; all else is <see cref="Refusal.BadSignature"/>.
    /// </summary>
    public static Result<UploadSignature> Parse(string? header)
    {
        if (header?.Trim().Split('=', 2) is not [var name, var hex])
            return new Refusal.BadSignature();

        (HashAlgorithmName Name, int Bytes)? algorithm = name switch
        {
            "sha1" => (HashAlgorithmName.SHA1, HMACSHA1.HashSizeInBytes),
            "sha256" => (HashAlgorithmName.SHA256, HMACSHA256.HashSizeInBytes),
            "sha512" => (HashAlgorithmName.SHA512, HMACSHA512.HashSizeInBytes),
            _ => null,
        };

        if (algorithm is not { } known || hex.Length != known.Bytes * 2 || !hex.All(char.IsAsciiHexDigit))
            return new Refusal.BadSignature();

        return new UploadSignature(known.Name, Convert.FromHexString(hex));
    }

    /// <summary>Compares with the digest of the bytes that arrived, in a time that does not depend on where the two differ.</summary>
    public bool Matches(ReadOnlySpan<byte> digest) => CryptographicOperations.FixedTimeEquals(_digest, digest);

    /// <summary>The algorithm only: a digest is never printed.</summary>
    public override string ToString() => $"{Algorithm.Name}=…";
}
