using System.Security.Cryptography;

namespace Servo.Client.Secrets;

/// <summary>The ways in which <c>openssl enc</c> makes a key and an initialisation vector from a password; a file does not say which was used.</summary>
internal static class KeyDerivation
{
    public const int SaltLength = 8;

    private const int KeyLength = 32;
    private const int VectorLength = 16;
    private const int Rounds = 10_000;

    /// <summary>From the likeliest to the least likely: OpenSSL 1.1 and later, older ones, the option <c>-pbkdf2</c>.</summary>
    public static IReadOnlyList<Func<byte[], byte[], byte[]>> InOrder { get; } =
    [
        (password, salt) => BytesToKey(HashAlgorithmName.SHA256, password, salt),
        (password, salt) => BytesToKey(HashAlgorithmName.MD5, password, salt),
        Pbkdf2,
    ];

    /// <summary>Makes the cipher, without padding, from what a derivation gave.</summary>
    public static (Aes Cipher, byte[] Vector) Cipher(Func<byte[], byte[], byte[]> derive, ServoCredential credential, byte[] salt)
    {
        var password = credential.ToBytes();
        var derived = derive(password, salt);
        var vector = new byte[VectorLength];
        var key = new byte[KeyLength];
        Buffer.BlockCopy(derived, 0, key, 0, key.Length);
        Buffer.BlockCopy(derived, key.Length, vector, 0, vector.Length);

        var cipher = Aes.Create();
        (cipher.Mode, cipher.Padding, cipher.Key, cipher.IV) = (CipherMode.CBC, PaddingMode.None, key, vector);

        foreach (var secret in new[] { password, derived, key })
            Array.Clear(secret, 0, secret.Length);

        return (cipher, vector);
    }

#if NETSTANDARD
    // RFC 8018, 5.2: T(i) = U(1) ^ U(2) ^ ..., U(1) = HMAC(salt || i), U(n) = HMAC(U(n-1)); Rfc2898DeriveBytes knows only SHA-1 here.
    public static byte[] Pbkdf2(byte[] password, byte[] salt)
    {
        using var hmac = new HMACSHA256(password);
        var derived = new byte[KeyLength + VectorLength];

        for (var (at, i) = (0, 1); at < derived.Length; at += KeyLength, i++)
        {
            var step = hmac.ComputeHash([.. salt, 0, 0, 0, (byte)i]);
            var sum = (byte[])step.Clone();

            for (var round = 1; round < Rounds; round++)
            {
                step = hmac.ComputeHash(step);

                for (var j = 0; j < sum.Length; j++)
                    sum[j] ^= step[j];
            }

            Buffer.BlockCopy(sum, 0, derived, at, Math.Min(sum.Length, derived.Length - at));
        }

        return derived;
    }
#else
    public static byte[] Pbkdf2(byte[] password, byte[] salt) =>
        Rfc2898DeriveBytes.Pbkdf2(password, salt, Rounds, HashAlgorithmName.SHA256, KeyLength + VectorLength);
#endif

    // EVP_BytesToKey with one round: D(n) = H(D(n-1) || password || salt), concatenated.
    private static byte[] BytesToKey(HashAlgorithmName algorithm, byte[] password, byte[] salt)
    {
        using var hash = IncrementalHash.CreateHash(algorithm);
        var derived = new byte[KeyLength + VectorLength];
        var digest = Array.Empty<byte>();

        for (var at = 0; at < derived.Length; at += digest.Length)
        {
            hash.AppendData(digest);
            hash.AppendData(password);
            hash.AppendData(salt);
            digest = hash.GetHashAndReset();
            Buffer.BlockCopy(digest, 0, derived, at, Math.Min(digest.Length, derived.Length - at));
        }

        return derived;
    }
}
