using System.Text;
using CsCheck;
using Microsoft.Extensions.Options;
using Servo.Application;
using Servo.Infrastructure.Secrets;
using Servo.OpenSsl;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Secrets;

public sealed class OpenSslPropertyTests
{
    private static readonly Gen<string> _passwords = Gen.Char["abcXYZ019 +/=$'\"\\;&|*?~éß€"].Array[1, 40]
        .Select(chars => new string(chars)).Where(text => text.Trim().Length > 0);

    private static readonly Gen<string[]> _encodings = Gen.OneOf<string[]>([], ["-base64"], ["-base64", "-A"]);

    // Bytes that are no text are only told from garbage under the derivation that is tried first.
    private static readonly Gen<(byte[] Clear, string[] Derivation)> _secrets = Gen.OneOf(
        Gen.Byte.Array[0, 300].Select(bytes => (bytes, OpenSsl.Sha256)),
        Gen.Select(
            Gen.String[0, 200], Gen.OneOf<string[]>(OpenSsl.Sha256, OpenSsl.Md5, OpenSsl.Pbkdf2),
            (text, derivation) => (Encoding.UTF8.GetBytes(text), derivation)));

    [Fact]
    public async Task What_openssl_encrypts_opens_to_the_same_bytes() =>
        await Gen.Select(_secrets, _encodings, _passwords).SampleAsync(
            async (secret, encoding, password) =>
            {
                using var directory = new TempDirectory();
                var path = await new OpenSsl(directory, password).EncryptAsync("a", secret.Clear, [.. secret.Derivation, .. encoding]);

                var decryptor = new OpenSslDecryptor(Options.Create(new GatewayOptions { Token = password }));
                var why = await decryptor.DecryptAsync(path, directory.File("a"), CancellationToken.None);

                why.ShouldBeNull();
                (await File.ReadAllBytesAsync(directory.File("a"))).ShouldBe(secret.Clear);
            },
            iter: 60);

    [Fact]
    public void Utf8_is_told_from_other_bytes_however_they_are_cut_into_pieces() =>
        Gen.Select(Gen.OneOf(Gen.String.Select(Encoding.UTF8.GetBytes), Gen.Byte.Array[0, 12], Mutilated), Gen.Int[1, 5]).Sample(
            (bytes, size) =>
            {
                using var check = new Utf8Check();

                foreach (var piece in bytes.Chunk(size))
                    check.Append(piece, 0, piece.Length);

                return check.IsText == System.Text.Unicode.Utf8.IsValid(bytes);
            },
            iter: 20_000);

    private static Gen<byte[]> Mutilated { get; } =
        Gen.Select(
            Gen.OneOf("é", "€", "𝄞", "a€é𝄞"), Gen.Int[0, 12],
            (text, cut) => Encoding.UTF8.GetBytes(text)[..^Math.Min(cut, Encoding.UTF8.GetByteCount(text))]);
}
