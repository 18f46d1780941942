using Microsoft.Extensions.Options;
using Servo.Application;
using Servo.Application.Secrets;
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

        await TryAsync([.. seeds], new OpenSslDecryptor(Options.Create(new GatewayOptions { Token = Tests.Secrets.OpenSsl.Password })), folder);
    }

    [Fact]
    public async Task Of_what_was_encrypted_for_a_certificate()
    {
        using var folder = new TempDirectory();
        var seeds = new List<byte[]>();
        await RunAsync("req -x509 -newkey rsa:2048 -nodes -subj /CN=gateway -keyout key.pem -out certificate.pem");
        folder.Write("clear", new string('x', 100));

        foreach (var form in (string[])["DER", "PEM", "DER -stream"])
        {
            await RunAsync($"cms -encrypt -aes256 -binary -in clear -out secret -outform {form} certificate.pem");
            seeds.Add(await File.ReadAllBytesAsync(folder.File("secret"), TestContext.Current.CancellationToken));
            File.Delete(folder.File("secret"));
        }

        using var decryptor = new CertificateDecryptor(
            Options.Create(new SecretOptions { Certificate = folder.File("certificate.pem"), PrivateKey = folder.File("key.pem") }));
        await TryAsync([.. seeds], decryptor, folder);

        Task RunAsync(string arguments) => ChildProcess.RunAsync(folder.Path, "openssl", arguments.Split(' '));
    }

    private static async Task TryAsync(byte[][] seeds, ISecretDecryptor decryptor, TempDirectory folder)
    {
        var (secret, clear) = (folder.File("secret" + decryptor.Extension), folder.File("secret"));

        await Mutations.TryAsync(seeds, async bytes =>
        {
            await File.WriteAllBytesAsync(secret, bytes, CancellationToken.None);

            var why = await decryptor.DecryptAsync(secret, clear, CancellationToken.None);

            File.Exists(clear).ShouldBe(why is null);
            File.Exists(secret).ShouldBe(why is not null);
            File.Delete(clear);
            Directory.EnumerateFiles(folder.Path, ".servo-*").ShouldBeEmpty();
        }, seconds: 3);
    }
}
