using System.Security.Cryptography;

namespace Servo.OpenSsl;

/// <summary>
/// A way in which <c>openssl enc</c> derives a key and an initialisation vector from a password; a file does not say which was used.
/// </summary>
/// <param name="digest">The hash function.</param>
/// <param name="rounds">Rounds of PBKDF2; zero for EVP_BytesToKey.</param>
internal sealed class KeyDerivation(HashAlgorithmName digest, int rounds = 0)
{
    public const int Pbkdf2Rounds = 10_000;

    /// <summary>The meaning of the option <c>-pbkdf2</c> alone.</summary>
    public static KeyDerivation Pbkdf2 { get; } = new(HashAlgorithmName.SHA256, Pbkdf2Rounds);

    /// <summary>In the order of trial, the cheap ones first: OpenSSL 1.1 and later, older versions, the option <c>-pbkdf2</c>.</summary>
    public static IReadOnlyList<KeyDerivation> InOrder { get; } = [new(HashAlgorithmName.SHA256), new(HashAlgorithmName.MD5), Pbkdf2];

    /// <summary>The options of openssl that select it.</summary>
    public string Options =>
        $"-md {digest.Name!.ToLowerInvariant()}"
            + (rounds == 0 ? "" : " -pbkdf2")
            + (rounds is 0 or Pbkdf2Rounds ? "" : FormattableString.Invariant($" -iter {rounds}"));

    /// <summary>Derives the key, followed by the initialisation vector, of this many bytes together; the caller wipes them.</summary>
    public byte[] Derive(byte[] password, byte[] salt, int length) =>
        rounds == 0 ? BytesToKey(password, salt, length) : StretchedKey(password, salt, length);

    // EVP_BytesToKey with one round: D(n) = H(D(n-1) || password || salt), concatenated.
    private byte[] BytesToKey(byte[] password, byte[] salt, int length)
    {
        using var hash = IncrementalHash.CreateHash(digest);
        var derived = new byte[length];
        var block = Array.Empty<byte>();

        for (var at = 0; at < length; at += block.Length)
        {
            hash.AppendData(block);
            hash.AppendData(password);
            hash.AppendData(salt);
            Array.Clear(block, 0, block.Length);
            block = hash.GetHashAndReset();
            Buffer.BlockCopy(block, 0, derived, at, Math.Min(block.Length, length - at));
        }

        Array.Clear(block, 0, block.Length);
        return derived;
    }

#if NETSTANDARD
    // RFC 8018, 5.2: T(i) = U(1) ^ U(2) ^ ..., U(1) = HMAC(salt || i), U(n) = HMAC(U(n-1)); Rfc2898DeriveBytes knows only SHA-1 here.
    private byte[] StretchedKey(byte[] password, byte[] salt, int length)
    {
        using var hmac = IncrementalHash.CreateHMAC(digest, password);
        var derived = new byte[length];

        for (var (at, i) = (0, 1); at < length; i++)
        {
            hmac.AppendData([.. salt, 0, 0, 0, (byte)i]);
            var step = hmac.GetHashAndReset();
            var sum = (byte[])step.Clone();

            for (var round = 1; round < rounds; round++)
            {
                hmac.AppendData(step);
                step = hmac.GetHashAndReset();

                for (var j = 0; j < sum.Length; j++)
                    sum[j] ^= step[j];
            }

            Buffer.BlockCopy(sum, 0, derived, at, Math.Min(sum.Length, length - at));
            at += sum.Length;
        }

        return derived;
    }
#else
    private byte[] StretchedKey(byte[] password, byte[] salt, int length) =>
        Rfc2898DeriveBytes.Pbkdf2(password, salt, rounds, digest, length);
#endif
}
