using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>Secrets that were encrypted for the gateway's certificate, by who has no token.</summary>
public sealed class CertificateSecretTests : IAsyncLifetime
{
    private const string Read = """
        import os
        print(open('settings.yml').read(), os.path.exists('settings.yml.p7m'))
        for path in os.environ['CERTIFICATE'], os.environ['KEY']:
            try:
                print(open(path).read())
            except OSError as e:
                print('out of reach', e.errno)
        """;

    private readonly TempDirectory _folder = TempDirectory.Secluded();
    private string _secret = "";

    public async ValueTask InitializeAsync()
    {
        _folder.Write("clear", "swordfish");
        await OpenSslAsync("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=gateway", "-keyout", "key.pem", "-out", "certificate.pem");
        await OpenSslAsync("cms", "-encrypt", "-aes256", "-binary", "-outform", "PEM", "-in", "clear", "-out", "settings.yml.p7m", "certificate.pem");
        _secret = await File.ReadAllTextAsync(_folder.File("settings.yml.p7m"), TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Scripts_find_them_clear_and_reach_neither_certificate_nor_key()
    {
        await using var gateway = await Gateway.StartAsync(
            ("Servo__Secrets__Certificate", _folder.File("certificate.pem")), ("Servo__Secrets__PrivateKey", _folder.File("key.pem")),
            ("Servo__Scripts__Environment__CERTIFICATE", _folder.File("certificate.pem")), ("Servo__Scripts__Environment__KEY", _folder.File("key.pem")));
        using var caller = new Caller(gateway).With("read.py", Read).With("settings.yml.p7m", _secret);

        var answer = await caller.RunAsync("read.py");

        answer.LogAfterVariables.WithoutSeconds().ShouldBe(
            ["decrypted settings.yml.p7m", "swordfish False", "out of reach 13", "out of reach 13", "read.py ran in N seconds"]);
    }

    [Fact]
    public async Task Without_a_certificate_they_are_left_encrypted_and_the_log_says_so()
    {
        await using var gateway = await Gateway.StartAsync();
        using var caller = new Caller(gateway).With("read.py", "print(open('settings.yml.p7m').readline().strip())").With("settings.yml.p7m", _secret);

        (await caller.RunAsync("read.py")).LogAfterVariables.WithoutSeconds().ShouldBe(
            ["left settings.yml.p7m encrypted: Servo:Secrets:Certificate is not set", "-----BEGIN CMS-----", "read.py ran in N seconds"]);
    }

    [Fact]
    public async Task A_certificate_without_its_key_keeps_the_host_from_starting() =>
        (await Should.ThrowAsync<InvalidOperationException>(Gateway.StartAsync(("Servo__Secrets__Certificate", _folder.File("certificate.pem"))))).Message.ShouldContain(
            $"Servo:Secrets:Certificate: '{_folder.File("certificate.pem")}' cannot be used: ");

    private Task<string> OpenSslAsync(params string[] arguments) => ChildProcess.RunAsync(_folder.Path, "openssl", arguments);
}
