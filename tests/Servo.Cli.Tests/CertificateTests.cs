using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Servo.Testing;

namespace Servo.Cli.Tests;

/// <summary>Gateways whose certificate is signed by an authority that the machine does not know.</summary>
public sealed class CertificateTests : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly RSA _key = RSA.Create(2048);
    private readonly X509Certificate2 _authority;

    public CertificateTests()
    {
        _folder.Write("deploy/a.py", "");
        var request = new CertificateRequest("CN=Test authority", _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
        _folder.Write("ca.pem", _authority.ExportCertificatePem());
    }

    public void Dispose()
    {
        _authority.Dispose();
        _key.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Are_trusted_with_the_authoritys_file_and_not_without()
    {
        await using var server = await ServerAsync(names => names.AddDnsName("localhost"));

        (await RunAsync(server, "--ca-file", "ca.pem")).ShouldSatisfyAllConditions(
            result => result.ExitCode.ShouldBe(0, result.Error),
            result => result.Error.ShouldEndWith("run r1 succeeded\n"));

        (await RunAsync(server, "--retries", "0")).ShouldSatisfyAllConditions(
            result => result.ExitCode.ShouldBe(3),
            result => result.Error.ShouldEndWith(" this machine must trust that authority. Or name the authority's certificate with --ca-file.\n"),
            result => result.Error.ShouldNotContain("HttpClient"));
    }

    [Fact]
    public async Task Are_not_trusted_for_another_hosts_name()
    {
        await using var server = await ServerAsync(names => names.AddDnsName("servo.example"));

        (await RunAsync(server, "--ca-file", "ca.pem", "--retries", "0")).ExitCode.ShouldBe(3);
    }

    [Fact]
    public async Task A_file_that_is_missing_or_holds_no_certificate_is_wrong_usage()
    {
        _folder.Write("empty.pem", "nothing\n");
        await using var server = await ServerAsync(names => names.AddDnsName("localhost"));

        (await RunAsync(server, "--ca-file", "missing.pem")).ExitCode.ShouldBe(2);
        (await RunAsync(server, "--ca-file", "empty.pem")).ShouldSatisfyAllConditions(
            result => result.ExitCode.ShouldBe(2),
            result => result.Error.ShouldBe("servo: 'empty.pem' contains no PEM certificate: name a file with a line 'BEGIN CERTIFICATE'.\n"));
    }

    private Task<ProcessResult> RunAsync(WebServer server, params string[] options) =>
        ServoTool.RunAsync(_folder.Path, [("SERVO_URL", server.Url.OriginalString), ("SERVO_TOKEN", Gateway.Token)], ["run", "deploy", "a.py", .. options]);

    private async Task<WebServer> ServerAsync(Action<SubjectAlternativeNameBuilder> addNames)
    {
        using var key = RSA.Create(2048);
        var names = new SubjectAlternativeNameBuilder();
        addNames(names);
        var request = new CertificateRequest("CN=Test server", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(_authority, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1), [1, 2, 3]);

        return await WebServer.StartAsync(static (_, context) => WebServer.SucceedAsync(context), signed.CopyWithPrivateKey(key));
    }
}
