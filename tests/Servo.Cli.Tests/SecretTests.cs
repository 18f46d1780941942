using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Servo.Testing;

namespace Servo.Cli.Tests;

/// <summary>Files that are encrypted and decrypted, and tokens that are made.</summary>
public sealed class SecretTests : IDisposable
{
    private const UnixFileMode OwnerAlone = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Encrypted_files_open_with_openssl_and_the_clear_ones_stay()
    {
        _folder.Write("a.yml", "first");
        _folder.Write("b.yml", "second");

        var result = await RunAsync("encrypt", "a.yml", "b.yml");

        result.ShouldBe(new ProcessResult(0, "", ""));
        (await OpenAsync("a.yml.aes")).ShouldBe("first");
        (await OpenAsync("b.yml.aes")).ShouldBe("second");
        File.ReadAllText(_folder.File("a.yml")).ShouldBe("first");
    }

    [Fact]
    public async Task Files_that_are_encrypted_for_certificates_open_with_each_of_their_keys_and_need_no_token()
    {
        await CertifyAsync("one", "rsa:2048");
        await CertifyAsync("two", "rsa:3072");
        _folder.Write("a.yml", "first");

        var result = await ServoTool.RunAsync(_folder.Path, [], "encrypt", "a.yml", "--certificate", "one.pem", "--certificate", "two.pem");

        result.ShouldBe(new ProcessResult(0, "", ""));
        File.ReadAllText(_folder.File("a.yml.p7m")).ShouldStartWith("-----BEGIN CMS-----\n");

        foreach (var name in (string[])["one", "two"])
        {
            var opened = await ServoTool.InShellAsync(_folder.Path, [], $"openssl cms -decrypt -inform PEM -in a.yml.p7m -inkey {name}.key -recip {name}.pem");
            opened.ShouldBe(new ProcessResult(0, "first", ""));
        }

        (await RunAsync("decrypt", "a.yml.p7m")).Error.ShouldBe(
            "servo: 'a.yml.p7m' was encrypted for a certificate: 'openssl cms -decrypt -inform PEM -inkey KEY' opens it with its private key.\n");
    }

    [Fact]
    public async Task A_certificate_that_cannot_encrypt_is_refused_and_one_that_has_expired_warned_of()
    {
        _folder.Write("a.yml", "first");
        await CertifyAsync("elliptic", "ec -pkeyopt ec_paramgen_curve:P-256");
        _folder.Write("old.pem", ExpiredCertificate());

        (await RunAsync("encrypt", "a.yml", "--certificate", "elliptic.pem")).Error.ShouldStartWith(
            "servo: The key of the certificate 'elliptic.pem' is not of RSA");
        (await RunAsync("encrypt", "a.yml", "--certificate", "a.yml")).Error.ShouldStartWith("servo: 'a.yml' is not a certificate in PEM or DER");
        (await RunAsync("encrypt", "a.yml", "--certificate", "missing")).ShouldBe(new ProcessResult(2, "", "servo: The certificate 'missing' does not exist.\n"));
        File.Exists(_folder.File("a.yml.p7m")).ShouldBeFalse();

        var old = await RunAsync("encrypt", "a.yml", "--certificate", "old.pem");
        old.ShouldBe(new ProcessResult(0, "", "servo: warning: The certificate 'old.pem' (CN=old) has expired on 2021-01-01.\n"));
    }

    [Theory]
    [InlineData("-pbkdf2 -base64")]
    [InlineData("-md md5")]
    public async Task What_openssl_has_encrypted_is_decrypted_for_its_owner_alone(string options)
    {
        _folder.Write("clear", "words\n");
        (await ServoTool.InShellAsync(_folder.Path, [("SERVO_TOKEN", Gateway.Token)], $"openssl enc -aes-256-cbc {options} -pass env:SERVO_TOKEN -in clear -out a.yml.aes")).ExitCode.ShouldBe(0);

        (await RunAsync("decrypt", "a.yml.aes")).ShouldBe(new ProcessResult(0, "", ""));
        File.ReadAllText(_folder.File("a.yml")).ShouldBe("words\n");
        File.GetUnixFileMode(_folder.File("a.yml")).ShouldBe(OwnerAlone);
        (await RunAsync("decrypt", "a.yml.aes", "-o", "-")).Output.ShouldBe("words\n");
    }

    [Theory]
    [InlineData("encrypt", "a", "a.aes", "")]
    [InlineData("decrypt", "b.aes", "b", "b.aes: ")]
    public async Task Files_are_overwritten_only_by_force(string command, string source, string destination, string about)
    {
        _folder.Write("a", "clear");
        (await RunAsync("encrypt", "a", "-o", "b.aes")).ExitCode.ShouldBe(0);
        _folder.Write(destination, "before");

        (await RunAsync(command, source)).ShouldBe(new ProcessResult(2, "", $"servo: {about}'{destination}' already exists: --force overwrites it.\n"));
        File.ReadAllText(_folder.File(destination)).ShouldBe("before");

        (await RunAsync(command, source, "--force")).ExitCode.ShouldBe(0);
        File.ReadAllText(_folder.File(destination)).ShouldNotBe("before");
    }

    [Fact]
    public async Task Files_that_fail_are_listed_and_the_others_are_done()
    {
        _folder.Write("a", "clear");
        await RunAsync("encrypt", "a", "-o", "good.aes");
        _folder.Write("bad.aes", "no secret");

        var result = await RunAsync("decrypt", "bad.aes", "missing.aes", "a", "good.aes");

        result.ExitCode.ShouldBe(2);
        var lines = result.Error.TrimEnd('\n').Split('\n');
        lines.Length.ShouldBe(3);
        lines[0].ShouldContain("bad.aes");
        lines[1].ShouldContain("missing.aes");
        lines[2].ShouldBe("servo: 'a' does not end with .aes: give -o FILE.");
        File.ReadAllText(_folder.File("good")).ShouldBe("clear");
        Directory.GetFiles(_folder.Path).Length.ShouldBe(4);
    }

    [Fact]
    public async Task A_wrong_token_opens_nothing_and_leaves_nothing()
    {
        _folder.Write("a", "clear");
        await RunAsync("encrypt", "a", "-o", "b.aes");

        var result = await ServoTool.RunAsync(_folder.Path, [("SERVO_TOKEN", "another")], "decrypt", "b.aes");

        result.ExitCode.ShouldBe(2);
        result.Error.ShouldStartWith("servo: b.aes: ");
        Directory.GetFiles(_folder.Path).Length.ShouldBe(2);
    }

    [Fact]
    public async Task One_output_is_for_one_file()
    {
        (await RunAsync("encrypt", "a", "b", "-o", "c")).ShouldSatisfyAllConditions(
            result => result.ExitCode.ShouldBe(2),
            result => result.Error.ShouldStartWith("servo: -o is for a single file: without it, each output is written beside its input.\n"));
    }

    [Fact]
    public async Task A_new_token_is_32_characters_and_never_the_same()
    {
        var first = await RunAsync("keygen");
        var second = await RunAsync("keygen");

        first.Output.ShouldMatch("\\A[A-Za-z0-9+/]{32}\n\\z");
        second.Output.ShouldNotBe(first.Output);
    }

    [Fact]
    public async Task A_new_token_in_a_file_is_for_its_owner_alone_and_replaces_none()
    {
        (await RunAsync("keygen", "-o", "token")).ShouldBe(new ProcessResult(0, "", ""));
        var token = File.ReadAllText(_folder.File("token"));

        token.ShouldMatch("\\A[A-Za-z0-9+/]{32}\n\\z");
        File.GetUnixFileMode(_folder.File("token")).ShouldBe(OwnerAlone);
        (await RunAsync("keygen", "-o", "token")).ExitCode.ShouldBe(2);
        File.ReadAllText(_folder.File("token")).ShouldBe(token);
    }

    private async Task CertifyAsync(string name, string key) =>
        (await ServoTool.InShellAsync(_folder.Path, [], $"openssl req -x509 -newkey {key} -nodes -subj /CN={name} -keyout {name}.key -out {name}.pem 2>&1")).ExitCode.ShouldBe(0);

    private static string ExpiredCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=old", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(new DateTimeOffset(2020, 1, 1, 12, 0, 0, TimeSpan.Zero), new DateTimeOffset(2021, 1, 1, 12, 0, 0, TimeSpan.Zero));
        return certificate.ExportCertificatePem();
    }

    private Task<ProcessResult> RunAsync(params string[] words) => ServoTool.RunAsync(_folder.Path, [("SERVO_TOKEN", Gateway.Token)], words);

    private async Task<string> OpenAsync(string file) =>
        (await ServoTool.InShellAsync(_folder.Path, [("SERVO_TOKEN", Gateway.Token)], $"openssl enc -d -aes-256-cbc -pbkdf2 -base64 -pass env:SERVO_TOKEN -in {file}")).Output;
}
