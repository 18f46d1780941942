using Servo.Client.Tests.Runs;
using Servo.Testing;

namespace Servo.Client.Tests.Bundles;

/// <summary>Files that are packed in the clear beside their encrypted form.</summary>
public sealed class ClearSecretTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly string _source;

    public ClearSecretTests()
    {
        foreach (var name in (string[])["a.py", "s.yml", "s.yml.aes", "alone.yml.aes", "sub/Key.PEM", "sub/key.pem.aes", "other/key.pem", "shouted.txt", "shouted.txt.AES", "folder/x", "folder.aes"])
            _directory.Write($"source/{name}", "");

        _source = Path.Join(_directory.Path, "source");
    }

    [Fact]
    public async Task Are_reported_of_a_folder() =>
        (await ReportedAsync(Bundle.FromDirectory(_source))).ShouldBe(
            ["s.yml beside s.yml.aes", "shouted.txt beside shouted.txt.AES", "sub/Key.PEM beside sub/key.pem.aes"]);

    [Fact]
    public async Task Are_reported_of_files_by_their_names_in_the_bundle() =>
        (await ReportedAsync(Bundle.FromFiles([new BundleFile(Path.Join(_source, "a.py"), "x/one"), new BundleFile(Path.Join(_source, "s.yml"), "./x/one.aes")]))).ShouldBe(["x/one beside x/one.aes"]);

    [Theory]
    [InlineData("tar", "czf", "x.tgz", "-C", "source", ".")]
    [InlineData("tar", "cf", "x.tgz", "-C", "source", "s.yml", "s.yml.aes", "shouted.txt", "shouted.txt.AES", "sub")]
    public async Task Are_reported_of_an_archive(string program, params string[] arguments)
    {
        await ChildProcess.RunAsync(_directory.Path, program, arguments);

        (await ReportedAsync(Bundle.FromArchive(_directory.File("x.tgz")))).ShouldBe(
            ["s.yml beside s.yml.aes", "shouted.txt beside shouted.txt.AES", "sub/Key.PEM beside sub/key.pem.aes"]);
    }

    [Fact]
    public async Task Are_none_where_a_pattern_leaves_one_of_both_out_or_encrypts_the_clear_one()
    {
        (await ReportedAsync(Bundle.FromDirectory(_source).Without("s.yml", "*.aes", "*.AES"))).ShouldBeEmpty();
        (await ReportedAsync(Bundle.FromDirectory(_source).Without("/s.yml", "shouted*", "*.PEM"))).ShouldBeEmpty();

        File.Delete(Path.Join(_source, "s.yml.aes"));
        (await ReportedAsync(Bundle.FromDirectory(_source).Without("sub", "shouted*").WithEncrypted("s.yml"))).ShouldBeEmpty();

        _directory.Write("source/.servoignore", "*.AES\nkey.pem.aes\n");
        (await ReportedAsync(Bundle.FromDirectory(_source))).ShouldBeEmpty();
    }

    public void Dispose() => _directory.Dispose();

    private static async Task<string[]> ReportedAsync(Bundle bundle)
    {
        var progress = new RecordedProgress();
        await bundle.PackAsync(Stream.Null, Sources.Credential, progress, TestContext.Current.CancellationToken);
        using var opened = await bundle.OpenAsync(Sources.Credential, SignatureAlgorithm.Sha256, [], progress, TestContext.Current.CancellationToken);
        var reports = progress.Reports.OfType<RunProgress.ClearSecret>().Select(secret => $"{secret.Name} beside {secret.EncryptedName}").ToArray();

        // Packing and opening report alike.
        reports[..(reports.Length / 2)].ShouldBe(reports[(reports.Length / 2)..]);
        return reports[..(reports.Length / 2)];
    }
}
