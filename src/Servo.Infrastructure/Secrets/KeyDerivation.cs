using System.Security.Cryptography;

namespace Servo.Infrastructure.Secrets;

/// <summary>Makes the key and the initialisation vector, <see cref="SecretKey.Size"/> bytes, from a password and a salt.</summary>
internal delegate void KeyDerivation(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, Span<byte> keyAndIv);

/// <summary>The ways in which versions and options of <c>openssl enc</c> derive a key; a file does not say which was used.</summary>
internal static class KeyDerivations
{
    private const int Pbkdf2Rounds = 10_000;

    /// <summary>From the likeliest to the least likely: OpenSSL 1.1 and later, older ones, the option <c>-pbkdf2</c>.</summary>
    public static IReadOnlyList<KeyDerivation> InOrder { get; } =
    [
        (password, salt, keyAndIv) => BytesToKey(HashAlgorithmName.SHA256, password, salt, keyAndIv),
        (password, salt, keyAndIv) => BytesToKey(HashAlgorithmName.MD5, password, salt, keyAndIv),
        (password, salt, keyAndIv) => Rfc2898DeriveBytes.Pbkdf2(password, salt, keyAndIv, Pbkdf2Rounds, HashAlgorithmName.SHA256),
    ];

    // EVP_BytesToKey with one iteration: D(n) = H(D(n-1) || password || salt), concatenated.
    private static void BytesToKey(HashAlgorithmName algorithm, ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, Span<byte> keyAndIv)
    {
        using var hash = IncrementalHash.CreateHash(algorithm);
        Span<byte> digest = stackalloc byte[hash.HashLengthInBytes];

        while (!keyAndIv.IsEmpty)
        {
            hash.AppendData(password);
            hash.AppendData(salt);
            hash.GetHashAndReset(digest);
            hash.AppendData(digest);

            var taken = Math.Min(digest.Length, keyAndIv.Length);
            digest[..taken].CopyTo(keyAndIv);
            keyAndIv = keyAndIv[taken..];
        }

        CryptographicOperations.ZeroMemory(digest);
    }
}
