using Microsoft.Extensions.Options;
using Servo.Application;
using Servo.Fuzzing;
using Servo.Infrastructure.Secrets;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Fuzzing;

/// <summary>A damaged secret is opened or a reason is given, and never both: what is left is the clear file or the encrypted one.</summary>
public sealed class SecretFuzzTests
{
    [Fact]
    public async Task Of_what_openssl_encrypted()
    {
        using var folder = new TempDirectory();
        var openSsl = new Tests.Secrets.OpenSsl(folder, Tests.Secrets.OpenSsl.Password);
        var seeds = new List<byte[]>();

        string[][] variants = [["-md", "sha256"], ["-md", "md5"], ["-pbkdf2"], ["-md", "sha256", "-base64"], ["-md", "md5", "-base64", "-A"]];

        foreach (var options in variants)
        {
            var path = await openSsl.EncryptAsync($"{seeds.Count}", new byte[100], options);
            seeds.Add(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
        }

        var decryptor = new OpenSslDecryptor(Options.Create(new GatewayOptions { Token = Tests.Secrets.OpenSsl.Password }));
        var (secret, clear) = (folder.File("secret.aes"), folder.File("secret"));

        await Mutations.TryAsync([.. seeds], async bytes =>
        {
            await File.WriteAllBytesAsync(secret, bytes, CancellationToken.None);

            var why = await decryptor.DecryptAsync(secret, clear, CancellationToken.None);

            File.Exists(clear).ShouldBe(why is null);
            File.Exists(secret).ShouldBe(why is not null);
            File.Delete(clear);
            Directory.EnumerateFiles(folder.Path, ".servo-*").ShouldBeEmpty();
        });
    }
}
