using System.Text;
using Microsoft.Extensions.Options;
using Servo.Application.Secrets;
using Servo.Infrastructure.Secrets;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Secrets;

/// <summary>Secrets that the real <c>openssl cms</c> has encrypted for a certificate.</summary>
public sealed class CertificateDecryptorTests : IAsyncLifetime
{
    private static readonly byte[] _text = Encoding.UTF8.GetBytes("user: bob\npassword: ünïcode\n");

    private readonly TempDirectory _directory = new();

    public async ValueTask InitializeAsync()
    {
        await CertifyAsync("gateway", "-newkey", "rsa:2048");
        await CertifyAsync("other", "-newkey", "rsa:2048");
    }

    public ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("-binary -outform DER -aes256")]
    [InlineData("-binary -outform PEM -aes256")]
    [InlineData("-binary -outform PEM -aes128")]
    [InlineData("-binary -outform DER -aes256 -stream")]
    [InlineData("-binary -outform PEM -aes256 -keyid")]
    [InlineData("-binary -outform DER -aes256 -keyopt rsa_padding_mode:oaep")]
    [InlineData("-binary -outform DER -aes256 -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256")]
    public async Task Opens_what_openssl_writes(string options)
    {
        var path = await EncryptAsync(_text, options, "gateway.pem");

        (await DecryptAsync(path)).ShouldBeNull();

        (await File.ReadAllBytesAsync(_directory.File("settings.yml"))).ShouldBe(_text);
        File.GetUnixFileMode(_directory.File("settings.yml")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.Exists(path).ShouldBeFalse();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(3 << 20)]
    public async Task Of_any_size(int length)
    {
        var clear = new byte[length];
        Random.Shared.NextBytes(clear);

        (await DecryptAsync(await EncryptAsync(clear, "-binary -outform DER -aes256", "gateway.pem"))).ShouldBeNull();

        (await File.ReadAllBytesAsync(_directory.File("settings.yml"))).ShouldBe(clear);
    }

    [Theory]
    [InlineData("other.pem", "gateway.pem")]
    [InlineData("gateway.pem", "other.pem")]
    public async Task For_several_recipients(string first, string second) =>
        (await DecryptAsync(await EncryptAsync(_text, "-binary -outform PEM -aes256", first, second))).ShouldBeNull();

    [Fact]
    public async Task With_a_key_in_a_file_of_its_own_a_password_or_in_a_PKCS_12_file()
    {
        await RunAsync("rsa -aes256 -in gateway.key -out locked.key -passout pass:secret");
        await RunAsync("pkcs12 -export -in gateway.pem -inkey gateway.key -out gateway.p12 -passout pass:secret");
        (string Certificate, string? Key, string? Password)[] ways =
            [("gateway.pem", "gateway.key", null), ("gateway.pem", "locked.key", "secret"), ("gateway.p12", null, "secret")];

        foreach (var (certificate, key, password) in ways)
        {
            var options = Both(certificate, key);
            options.Password = password;

            SecretCertificates.Problems(options).ShouldBeEmpty();
            (await DecryptAsync(await EncryptAsync(_text, "-binary -outform DER -aes256", "gateway.pem"), options)).ShouldBeNull();
        }
    }

    [Fact]
    public async Task Says_for_whom_a_secret_is_that_it_cannot_open()
    {
        var path = await EncryptAsync(_text, "-binary -outform PEM -aes256", "other.pem");

        (await DecryptAsync(path)).ShouldNotBeNull().ShouldStartWith(
            "it is for none of the gateway's certificates but for the one of 'CN=other' with the number ");

        File.Exists(path).ShouldBeTrue();
        File.Exists(_directory.File("settings.yml")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("no secret at all")]
    [InlineData("-----BEGIN CMS-----\nAAAA\n-----END CMS-----\n")]
    [InlineData("-----BEGIN CMS-----\nnot base64\n-----END CMS-----\n")]
    [InlineData("0000")]
    public async Task Says_what_is_expected_of_other_files(string content)
    {
        var path = _directory.Write("settings.yml.p7m", content);

        (await DecryptAsync(path)).ShouldNotBeNull().ShouldEndWith("; 'openssl cms -encrypt -aes256 -binary -outform PEM' writes what is");
    }

    [Fact]
    public async Task So_it_does_of_the_other_forms_of_openssl()
    {
        (await WhyNotAsync("-binary -outform SMIME -aes256")).ShouldContain("neither DER nor PEM");
        (await WhyNotAsync("-binary -outform PEM -aes-256-gcm")).ShouldContain("not CMS EnvelopedData");

        async Task<string> WhyNotAsync(string form) => (await DecryptAsync(await EncryptAsync(_text, form, "gateway.pem"))).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_secret_that_was_changed_anywhere_leaves_nothing_clear_that_is_not_said()
    {
        var encrypted = await EncryptAsync(_text, "-binary -outform DER -aes256", "gateway.pem");
        var secret = await File.ReadAllBytesAsync(encrypted, TestContext.Current.CancellationToken);

        for (var at = 0; at < secret.Length; at += 7)
        {
            var changed = secret.ToArray();
            changed[at] ^= 0x55;
            var path = _directory.File("settings.yml.p7m");
            await File.WriteAllBytesAsync(path, changed, TestContext.Current.CancellationToken);

            // Nothing signs it: in its last bytes a change may give another text. It never throws.
            (await DecryptAsync(path) is not null).ShouldBe(File.Exists(path), $"{at}");
            (await DecryptCutAsync(secret, at)).ShouldNotBeNull();
        }
    }

    [Fact]
    public async Task A_secret_that_is_too_large_is_refused()
    {
        var path = _directory.File("settings.yml.p7m");
        await using (var file = File.Create(path))
            file.SetLength((16 << 20) + 1);

        (await DecryptAsync(path)).ShouldBe("it has more than 16 MiB");
    }

    [Fact]
    public async Task Without_a_certificate_it_says_so()
    {
        using var decryptor = new CertificateDecryptor(Options.Create(new SecretOptions()));
        decryptor.WhyNone.ShouldBe("Servo:Secrets:Certificate is not set");

        SecretCertificates.Problems(new SecretOptions()).ShouldBeEmpty();
        await Task.CompletedTask;
    }

    [Fact]
    public async Task A_certificate_that_opens_nothing_keeps_the_host_from_starting()
    {
        await CertifyAsync("elliptic", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");

        Problem("elliptic.pem", "elliptic.key").ShouldEndWith("cannot be used: The key of 'CN=elliptic' is not of RSA, and no other opens secrets.");
        Problem("gateway.pem", "other.key").ShouldStartWith("Servo:Secrets:Certificate: '");
        Problem("gateway.pem", key: null).ShouldStartWith("Servo:Secrets:Certificate: '");
        Problem("missing.pem", key: null).ShouldStartWith("Servo:Secrets:Certificate: '");
    }

    [Fact]
    public async Task One_that_has_expired_opens_secrets_and_is_warned_of()
    {
        var options = Both("gateway.pem", "gateway.key");
        SecretCertificates.Warnings(options, DateTimeOffset.Now).ShouldBeEmpty();
        SecretCertificates.Warnings(options, DateTimeOffset.Now.AddYears(9)).ShouldHaveSingleItem().ShouldContain(
            "the certificate 'CN=gateway' has expired on ");

        (await DecryptAsync(await EncryptAsync(_text, "-binary -outform DER -aes256", "gateway.pem"))).ShouldBeNull();
    }

    private string Problem(string certificate, string? key) => SecretCertificates.Problems(Both(certificate, key)).ShouldHaveSingleItem();

    private SecretOptions Both(string certificate, string? key) =>
        new() { Certificate = _directory.File(certificate), PrivateKey = key is null ? null : _directory.File(key) };

    private Task<string> CertifyAsync(string name, params string[] key)
    {
        string[] made = ["-subj", $"/CN={name}", "-days", "30", "-keyout", $"{name}.key", "-out", $"{name}.pem"];
        return ChildProcess.RunAsync(_directory.Path, "openssl", ["req", "-x509", .. key, "-nodes", .. made]);
    }

    private Task<string> RunAsync(string arguments) => ChildProcess.RunAsync(_directory.Path, "openssl", arguments.Split(' '));

    private async Task<string> EncryptAsync(byte[] clear, string options, params string[] certificates)
    {
        await File.WriteAllBytesAsync(_directory.File("clear"), clear);
        var keys = options.Split(' ');
        string[] common = [.. keys.TakeWhile(word => word != "-keyopt")];
        string[] recipients = common.Length == keys.Length ? certificates : ["-recip", .. certificates, .. keys[common.Length..]];
        await ChildProcess.RunAsync(_directory.Path, "openssl", ["cms", "-encrypt", .. common, "-in", "clear", "-out", "settings.yml.p7m", .. recipients]);
        return _directory.File("settings.yml.p7m");
    }

    private async Task<string?> DecryptCutAsync(byte[] secret, int length)
    {
        var path = _directory.File("settings.yml.p7m");
        await File.WriteAllBytesAsync(path, secret[..length]);
        return await DecryptAsync(path);
    }

    private async Task<string?> DecryptAsync(string path, SecretOptions? options = null)
    {
        using var decryptor = new CertificateDecryptor(Options.Create(options ?? Both("gateway.pem", "gateway.key")));
        return await decryptor.DecryptAsync(path, path[..^decryptor.Extension.Length], TestContext.Current.CancellationToken);
    }
}
