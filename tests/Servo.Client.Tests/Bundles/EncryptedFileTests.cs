using Servo.Testing;

namespace Servo.Client.Tests.Bundles;

public sealed class EncryptedFileTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly string _source;

    public EncryptedFileTests()
    {
        _directory.Write("source/a.py", "print()\n");
        _directory.Write("source/secrets/one.yml", "password: one\n");
        _directory.Write("source/secrets/deep/two.yml", "password: two\n");
        _directory.Write("source/secrets/old.yml.aes", "encrypted long ago");
        _directory.Write(".password", "a token\n");
        _source = Path.Join(_directory.Path, "source");
    }

    [Fact]
    public async Task Openssl_opens_what_was_encrypted_on_the_way()
    {
        var bundle = Bundle.FromDirectory(_source).WithEncrypted("secrets/*", "!secrets/deep");
        await File.WriteAllBytesAsync(_directory.File("made.tgz"), await bundle.PackAsync(Sources.Credential));
        var into = Directory.CreateDirectory(_directory.File("into")).FullName;

        await ChildProcess.RunAsync(into, "tar", "xzf", "../made.tgz");

        File.Exists(Path.Join(into, "secrets/one.yml")).ShouldBeFalse();
        (await ChildProcess.RunAsync(into, "openssl", "enc", "-d", "-aes-256-cbc", "-pbkdf2", "-base64", "-pass", "file:../.password", "-in", "secrets/one.yml.aes")).ShouldBe("password: one\n");
        (await File.ReadAllTextAsync(Path.Join(into, "secrets/deep/two.yml"))).ShouldBe("password: two\n");
        (await File.ReadAllTextAsync(Path.Join(into, "secrets/old.yml.aes"))).ShouldBe("encrypted long ago");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(1_000_003)]
    public async Task Any_size_fits_the_header(int size)
    {
        await File.WriteAllBytesAsync(_directory.File("source/secrets/one.yml"), new byte[size]);

        var names = await Bundle.FromDirectory(_source).WithEncrypted("one.yml").TarListAsync(_directory, Sources.Credential);

        names.ShouldBe(["a.py", "secrets/", "secrets/deep/", "secrets/deep/two.yml", "secrets/old.yml.aes", "secrets/one.yml.aes"]);
    }

    [Fact]
    public async Task Names_are_listed_as_the_scripts_will_see_them() =>
        (await Bundle.FromDirectory(_source).WithEncrypted("*.yml").ListAsync(TestContext.Current.CancellationToken))
            .ShouldBe(["a.py", "secrets/deep/two.yml", "secrets/old.yml", "secrets/one.yml"]);

    [Fact]
    public async Task Files_of_a_list_are_encrypted_too() =>
        (await Bundle.FromFiles([new BundleFile(Path.Join(_source, "a.py"), "x/a.py")]).WithEncrypted("x/").TarListAsync(_directory, Sources.Credential)).ShouldBe(["x/a.py.aes"]);

    [Theory]
    [InlineData("two.yaml", "No file in the bundle matches 'two.yaml'")]
    [InlineData("#two.yml", "matches nothing|No file")]
    [InlineData("clash.yml", "'clash.yml' would be encrypted as 'clash.yml.aes', which is in the bundle too")]
    [InlineData("target.yml", "The link.*'target.yml', which is packed as 'target.yml.aes'")]
    public async Task What_would_go_wrong_is_said_before(string pattern, string message)
    {
        foreach (var name in new[] { "clash.yml", "clash.yml.aes", "target.yml" })
            _directory.Write($"source/{name}", "");
        File.CreateSymbolicLink(_directory.File("source/link"), "target.yml");

        var bundle = Bundle.FromDirectory(_source).WithEncrypted("secrets/", pattern);

        (await Should.ThrowAsync<BundleException>(() => bundle.PackAsync(Sources.Credential))).Message.ShouldMatch(message);
        (await Should.ThrowAsync<BundleException>(() => bundle.ListAsync())).Message.ShouldMatch(message);
    }

    [Fact]
    public async Task It_takes_a_credential() =>
        (await Should.ThrowAsync<BundleException>(() => Bundle.FromDirectory(_source).WithEncrypted("*.yml").PackAsync())).Message.ShouldEndWith("which needs the servo token. Pass a ServoCredential.");

    public void Dispose() => _directory.Dispose();
}
