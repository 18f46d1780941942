using System.Security.Cryptography;
using System.Text;

namespace Servo.OpenSsl;

/// <summary>
/// A guess at how a secret was encrypted that the token does not open. It serves only the failure message: to accept every derivation would
/// make wrong keys fit by chance, one in 256 for each way. All guesses together cost as much as 3,000,000 rounds of PBKDF2, about a second.
/// </summary>
internal sealed class SecretGuess
{
    private const int Aes256KeyBytes = 32;

#if NETSTANDARD
    // Its rounds take ten times longer.
    private const int MostRounds = 100_000;
#else
    private const int MostRounds = 1_000_000;
#endif

    // Those of guides and password managers, and what OWASP recommends.
    private static readonly (HashAlgorithmName Digest, int[] Rounds)[] s_rounds =
    [
        (HashAlgorithmName.SHA256, [1, 1_000, 2_048, 4_096, 5_000, 20_000, 50_000, 65_536, 100_000, 200_000, 310_000, 600_000, 1_000_000]),
        (HashAlgorithmName.SHA512, [1_000, 100_000, 210_000]),
        (HashAlgorithmName.SHA1, [1_000, 100_000]),
    ];

    private static readonly HashAlgorithmName[] s_otherDigests =
        [HashAlgorithmName.SHA1, HashAlgorithmName.SHA384, HashAlgorithmName.SHA512];

    private readonly byte[] _password;
    private readonly KeyDerivation _derivation;

    private SecretGuess(byte[] password, KeyDerivation derivation, string words, int keyBytes = Aes256KeyBytes) =>
        (_password, _derivation, Words, KeyBytes) = (password, derivation, words, keyBytes);

    /// <summary>How the secret was encrypted.</summary>
    public string Words { get; }

    public int KeyBytes { get; }

    /// <summary>Makes the key and as many bytes behind it.</summary>
    public byte[] Derive(byte[] salt, int more) => _derivation.Derive(_password, salt, KeyBytes + more);

    /// <summary>The guesses, cheap ones first.</summary>
    public static IEnumerable<SecretGuess> All(byte[] token)
    {
        foreach (var digest in s_otherDigests)
            yield return WithOptions(token, new KeyDerivation(digest));

        foreach (var derivation in KeyDerivation.InOrder)
        {
            foreach (var (password, words) in Tokens(token))
                yield return new SecretGuess(password, derivation, words);

            foreach (var keyBytes in new[] { 16, 24 })
                yield return new SecretGuess(token, derivation, $"with -aes-{8 * keyBytes}-cbc, not -aes-256-cbc", keyBytes);
        }

        foreach (var digest in s_otherDigests)
            yield return WithOptions(token, new KeyDerivation(digest, KeyDerivation.Pbkdf2Rounds));

        foreach (var (digest, count) in s_rounds.SelectMany(each => each.Rounds.Select(count => (each.Digest, count))).OrderBy(each => each.count))
        {
            if (count <= MostRounds)
                yield return WithOptions(token, new KeyDerivation(digest, count));
        }
    }

    /// <summary>The ways that are tried for every secret, for one that has no salt.</summary>
    public static IEnumerable<SecretGuess> WithoutSalt(byte[] token) =>
        KeyDerivation.InOrder.Select(derivation => new SecretGuess(token, derivation, "with -nosalt"));

    private static SecretGuess WithOptions(byte[] token, KeyDerivation derivation) =>
        new(token, derivation, $"with the options {derivation.Options}");

    private static IEnumerable<(byte[] Password, string Words)> Tokens(byte[] token)
    {
        yield return ([.. token, (byte)'\n'], "with a line feed behind the token");
        yield return ([.. token, (byte)'\r'], "with a carriage return behind the token");
        yield return ([.. token, (byte)'\r', (byte)'\n'], "with a carriage return and a line feed behind the token");
        yield return ([.. token, (byte)' '], "with a blank behind the token");
        yield return ([.. Encoding.UTF8.GetPreamble(), .. token], "with a byte order mark before the token");
        yield return ([], "with an empty password: the variable that was to hold the token was not set");
    }
}
