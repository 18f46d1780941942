using Servo.Testing;

namespace Servo.Client.Tests.Bundles;

public sealed class ArchiveTests : IDisposable
{
    private const string PythonTar = "import sys, tarfile; t = tarfile.open('../made', sys.argv[1], format=getattr(tarfile, sys.argv[2])); t.add('.', ''); t.close()";

    private readonly TempDirectory _directory = new();
    private readonly string _source;
    private readonly string _made;

    public ArchiveTests()
    {
        _source = _directory.File("source/.");
        Sources.Write(_source);
        _made = _directory.File("made");
    }

    [Theory]
    [InlineData("tar zcf ../made .")]
    [InlineData("tar cf ../made *  .hidden .config")]
    [InlineData("tar --format=posix -zcf ../made .")]
    [InlineData("bsdtar -czf ../made .")]
    [InlineData("bsdtar --format=pax -cf ../made .")]
    [InlineData("bsdtar --format=gnutar -czf ../made .")]
    [InlineData("tar cf - . | split -b 300000 --filter='gzip -c' > ../made")]
    [InlineData("zip -q -y -r ../made.zip . && mv ../made.zip ../made")]
    [InlineData("bsdtar --format=zip -cf ../made .")]
    [InlineData("bsdtar --format=zip -cf - . | cat > ../made")]
    [InlineData("bsdtar -czf - . | cat > ../made")]
    [InlineData("tar --label=backup --format=gnu -zcf ../made .")]
    [InlineData("tar --listed-incremental=../snapshot --format=gnu -zcf ../made .")]
    public async Task Names_are_those_that_the_shell_packed(string command)
    {
        await ChildProcess.RunAsync(_source, "bash", "-c", command);

        await ShouldListAsync();
    }

    [Theory]
    [InlineData("w:gz", "PAX_FORMAT")]
    [InlineData("w", "GNU_FORMAT")]
    public async Task Names_are_those_that_Python_packed(string mode, string format)
    {
        await ChildProcess.RunAsync(_source, "python3", "-c", PythonTar, mode, format);

        await ShouldListAsync();
    }

    [Fact]
    public async Task Names_are_those_that_the_gateway_makes_of_odd_headers()
    {
        static void Sized(byte[] header) => TarBuilder.Put(header, 124, "00000001000");

        await File.WriteAllBytesAsync(_made, new TarBuilder()
            .Entry('V', "label", new byte[600]).Entry('5', "folder/", change: Sized).Entry('0', "old/", change: Sized)
            .Entry('1', "hard", link: "first", change: Sized)
            .Gnu('L', "gnu").Pax('x', ("path", "pax")).File("short").Pax('x', ("path", "pax2")).Gnu('L', "gnu2").File("short")
            .Pax('x', ("path", "a"), ("path", "repeated")).File("short").Pax('x', ("path", "b")).Pax('x', ("mtime", "1")).File("plain").ToTar());

        (await Bundle.FromArchive(_made).ListAsync()).ShouldBe(["hard", "pax", "pax2", "plain", "repeated"]);
    }

    [Fact]
    public async Task Names_end_where_those_that_the_gateway_makes_do()
    {
        await File.WriteAllBytesAsync(_made, new TarBuilder()
            .Pax('x', ("path", "nul\0after")).File("short").Pax('g', ("path", "global"), ("size", "1")).File("short", "12").Gnu('L', "gnu").File("short", "1")
            .Pax('x', ("path", "own"), ("size", "600")).File("short", new string('x', 600)).Pax('g', ("comment", "none")).File("last").ToTar(endMarker: false));

        (await Bundle.FromArchive(_made).ListAsync()).ShouldBe(["global", "last", "nul", "own"]);

        await File.WriteAllBytesAsync(_made, new TarBuilder().File("a").Raw(new byte[512]).File("b").Raw(new byte[1024]).Raw([1, 2, 3]).ToTar());

        (await Bundle.FromArchive(_made).ListAsync()).ShouldBe(["a"]);
    }

    [Fact]
    public async Task Names_in_zip_are_code_page_437_where_they_are_not_UTF_8()
    {
        using var stream = new MemoryStream();

        await using (var zip = new System.IO.Compression.ZipArchive(stream, System.IO.Compression.ZipArchiveMode.Create, leaveOpen: true))
            zip.CreateEntry("caf_.py");

        var archive = stream.ToArray();
        archive[archive.AsSpan().LastIndexOf("caf_"u8) + 3] = 0x82;
        await File.WriteAllBytesAsync(_made, archive);

        (await Bundle.FromArchive(_made).ListAsync()).ShouldBe(["café.py"]);
    }

    [Theory]
    [InlineData("tar jcf ../made .")]
    [InlineData("tar Jcf ../made .")]
    [InlineData("tar --zstd -cf ../made .")]
    [InlineData("echo hello > ../made")]
    [InlineData(": > ../made")]
    [InlineData("echo hello | gzip > ../made")]
    [InlineData("tar zcf - . | head -c 300000 > ../made")]
    [InlineData("zip -q -r - . | head -c 300000 > ../made")]
    public async Task Names_of_other_formats_are_unknown_and_scripts_pass(string command)
    {
        await ChildProcess.RunAsync(_source, "bash", "-c", command);
        var bundle = Bundle.FromArchive(_made);

        (await Should.ThrowAsync<BundleException>(() => bundle.ListAsync())).Message.ShouldContain("cannot be listed");
        await bundle.CheckScriptsAsync("none.py");
    }

    [Fact]
    public async Task It_is_packed_as_it_is()
    {
        await File.WriteAllTextAsync(_made, "anything");

        (await Bundle.FromArchive(_made).PackAsync()).ShouldBe("anything"u8.ToArray());
        using var opened = await Bundle.FromArchive(_made)
            .OpenAsync(Sources.Credential, SignatureAlgorithm.Sha1, [], null, TestContext.Current.CancellationToken);
        opened.Signature.ShouldBe(Signature.Compute("anything"u8.ToArray(), Sources.Credential, SignatureAlgorithm.Sha1));
        opened.Length.ShouldBe(8);
        opened.Dispose();
        File.Exists(_made).ShouldBeTrue();
    }

    [Fact]
    public async Task One_that_is_missing_or_a_folder_is_named()
    {
        (await Should.ThrowAsync<BundleException>(() => Bundle.FromArchive(_made).PackAsync())).Message.ShouldContain($"The archive '{_made}' does not exist");
        (await Should.ThrowAsync<BundleException>(() => Bundle.FromArchive(_source).PackAsync())).Message.ShouldContain("is a folder");
    }

    [Fact]
    public void Nothing_can_be_left_out_of_it_or_encrypted_in_it()
    {
        Should.Throw<InvalidOperationException>(() => Bundle.FromArchive(_made).Without("x")).Message.ShouldContain("left out");
        Should.Throw<InvalidOperationException>(() => Bundle.FromArchive(_made).WithEncrypted("x")).Message.ShouldContain("encrypted");
    }

    public void Dispose() => _directory.Dispose();

    private async Task ShouldListAsync() => (await Bundle.FromArchive(_made).ListAsync(TestContext.Current.CancellationToken))
        .ShouldBe(await Bundle.FromDirectory(_source).ListAsync(TestContext.Current.CancellationToken));
}
