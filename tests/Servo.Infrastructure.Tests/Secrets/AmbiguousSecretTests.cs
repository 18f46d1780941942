using System.Text;
using System.Text.Unicode;
using Microsoft.Extensions.Options;
using Servo.Application;
using Servo.Infrastructure.Secrets;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Secrets;

/// <summary>Secrets that more than one key unpads: found by counting up in the clear text until chance (one in 256) makes one.</summary>
public sealed class AmbiguousSecretTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    [Fact]
    public async Task Utf8_under_md5_wins_over_garbage_under_sha256() =>
        await WinsAsync(OpenSsl.Md5, OpenSsl.Sha256, Text);

    [Fact]
    public async Task Utf8_under_pbkdf2_wins_over_garbage_under_sha256() =>
        await WinsAsync(OpenSsl.Pbkdf2, OpenSsl.Sha256, Text);

    [Fact]
    public async Task Utf8_under_pbkdf2_wins_over_garbage_under_md5() =>
        await WinsAsync(OpenSsl.Pbkdf2, OpenSsl.Md5, Text);

    [Fact]
    public async Task Utf8_under_sha256_wins_over_garbage_under_md5() =>
        await WinsAsync(OpenSsl.Sha256, OpenSsl.Md5, Text);

    [Theory]
    [InlineData("sha256", "md5")]
    [InlineData("sha256", "pbkdf2")]
    [InlineData("md5", "sha256")]
    [InlineData("md5", "pbkdf2")]
    [InlineData("pbkdf2", "sha256")]
    [InlineData("pbkdf2", "md5")]
    public async Task The_longer_padding_wins_where_neither_is_utf8(string winner, string loser) =>
        await WinsAsync(Derivation(winner), Derivation(loser), Binary);

    [Theory]
    [InlineData("pbkdf2", "sha256")]
    [InlineData("pbkdf2", "md5")]
    [InlineData("md5", "sha256")]
    public async Task The_newer_way_wins_where_neither_is_utf8_and_both_paddings_are_one_byte(string winner, string loser) =>
        await WinsAsync(Derivation(winner), Derivation(loser), n => Binary(n)[..95]);

    public void Dispose() => _directory.Dispose();

    private static string[] Derivation(string name) => name switch { "sha256" => OpenSsl.Sha256, "md5" => OpenSsl.Md5, _ => OpenSsl.Pbkdf2 };

    private static byte[] Text(int n) => Encoding.UTF8.GetBytes($"sécret number {n} of a good many\n");

    private static byte[] Binary(int n) => [0xFF, 0xFE, .. BitConverter.GetBytes(n), .. new byte[100]];

    private async Task WinsAsync(string[] winner, string[] loser, Func<int, byte[]> makeClear)
    {
        var openssl = new OpenSsl(_directory, OpenSsl.Password);
        using var key = await openssl.KeyAsync(winner);
        using var other = await openssl.KeyAsync(loser);

        var clear = Enumerable.Range(0, 100_000)
            .Select(makeClear)
            .First(candidate => other.TryDecrypt(key.Encrypt(candidate)) is { } garbage && !Utf8.IsValid(garbage) && candidate.Length <= garbage.Length);

        var path = _directory.File("a.aes");
        await File.WriteAllBytesAsync(path, key.Encrypt(clear));

        var decryptor = new OpenSslDecryptor(Options.Create(new GatewayOptions { Token = OpenSsl.Password }));
        (await decryptor.DecryptAsync(path, _directory.File("a"), TestContext.Current.CancellationToken)).ShouldBeNull();

        (await File.ReadAllBytesAsync(_directory.File("a"))).ShouldBe(clear);
    }
}
