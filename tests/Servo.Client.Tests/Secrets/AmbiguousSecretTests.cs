using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using Servo.OpenSsl;

namespace Servo.Client.Tests.Secrets;

/// <summary>Secrets that two keys unpad: found by counting up in the clear text until chance (one in 256) makes one.</summary>
public sealed class AmbiguousSecretTests
{
    private static readonly byte[] s_salt = [1, 2, 3, 4, 5, 6, 7, 8];

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 2)]
    [InlineData(1, 0)]
    [InlineData(1, 2)]
    [InlineData(2, 0)]
    [InlineData(2, 1)]
    public async Task Text_wins_over_garbage(int winner, int loser) =>
        await WinsAsync(winner, loser, n => Encoding.UTF8.GetBytes($"sécret number {n} of a good many\n"));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 2)]
    [InlineData(1, 0)]
    [InlineData(1, 2)]
    [InlineData(2, 0)]
    [InlineData(2, 1)]
    public async Task The_longer_padding_wins_where_neither_is_text(int winner, int loser) => await WinsAsync(winner, loser, n => Binary(n, 106));

    [Theory]
    [InlineData(2, 0)]
    [InlineData(2, 1)]
    [InlineData(1, 0)]
    public async Task The_newer_way_wins_where_neither_is_text_and_both_paddings_are_one_byte(int winner, int loser) =>
        await WinsAsync(winner, loser, n => Binary(n, 95));

    private static byte[] Binary(int n, int length) => [0xFF, 0xFE, .. BitConverter.GetBytes(n), .. new byte[length - 6]];

    private static (Aes Cipher, byte[] Vector) Cipher(KeyDerivation derivation)
    {
        var derived = derivation.Derive(OpenSsl.Credential.ToBytes(), s_salt, 48);
        var cipher = Aes.Create();
        cipher.Key = derived[..32];

        return (cipher, derived[32..]);
    }

    private static async Task WinsAsync(int winner, int loser, Func<int, byte[]> makeClear)
    {
        var (right, vector) = Cipher(KeyDerivation.InOrder[winner]);
        var (wrong, wrongVector) = Cipher(KeyDerivation.InOrder[loser]);

        var (clear, encrypted) = Enumerable.Range(0, 100_000)
            .Select(n => (Clear: makeClear(n), Encrypted: right.EncryptCbc(makeClear(n), vector)))
            .First(pair => TryDecrypt(pair.Encrypted) is { } garbage && !Utf8.IsValid(garbage));

        using var opened = new MemoryStream();
        await Secret.DecryptAsync(
            new MemoryStream([.. "Salted__"u8, .. s_salt, .. encrypted]), opened, OpenSsl.Credential,
            TestContext.Current.CancellationToken);

        opened.ToArray().ShouldBe(clear);
        right.Dispose();
        wrong.Dispose();

        byte[]? TryDecrypt(byte[] bytes)
        {
            try
            {
                return wrong.DecryptCbc(bytes, wrongVector);
            }
            catch (CryptographicException)
            {
                return null;
            }
        }
    }
}
