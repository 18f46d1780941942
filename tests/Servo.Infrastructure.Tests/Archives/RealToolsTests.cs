using System.Formats.Tar;
using System.IO.Compression;
using Servo.Domain.Runs;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Archives;

/// <summary>Bundles made by the tools that people use are unpacked as they were packed.</summary>
public sealed class RealToolsTests : IDisposable
{
    private const string PythonTar = """
        import sys, tarfile
        with tarfile.open('../tools/made', sys.argv[1], format=getattr(tarfile, sys.argv[2])) as tar:
            tar.add('.')
        """;

    private const string PythonZip = """
        import os, zipfile
        with zipfile.ZipFile('../tools/made', 'w', zipfile.ZIP_DEFLATED) as bundle:
            for folder, folders, files in os.walk('.'):
                for name in folders + files:
                    bundle.write(os.path.join(folder, name))
        """;

    private readonly Inbox _inbox = new();
    private readonly string _source;
    private readonly string _made;

    public RealToolsTests()
    {
        _source = Directory.CreateDirectory(Path.Join(_inbox.Root, "source")).FullName;
        _made = Path.Join(Directory.CreateDirectory(Path.Join(_inbox.Root, "tools")).FullName, "made");
    }

    public void Dispose() => _inbox.Dispose();

    [Theory]
    [InlineData("tar zcf ../tools/made * .[!.]*")]
    [InlineData("tar zcf ../tools/made .")]
    [InlineData("tar cf ../tools/made .")]
    [InlineData("tar jcf ../tools/made .")]
    [InlineData("tar Jcf ../tools/made .")]
    [InlineData("tar --zstd -cf ../tools/made .")]
    [InlineData("tar --format=posix -zcf ../tools/made .")]
    [InlineData("tar --format=gnu -zcf ../tools/made .")]
    [InlineData("tar --format=oldgnu -zcf ../tools/made .")]
    [InlineData("tar --xattrs --acls -zcf ../tools/made .")]
    [InlineData("tar -b 1 -zcf ../tools/made .")]
    [InlineData("tar -b 2000 -zcf ../tools/made .")]
    [InlineData("tar --owner=4294967294 --group=4294967294 --numeric-owner -zcf ../tools/made .")]
    [InlineData("tar --format=posix --owner=4294967294 --numeric-owner -zcf ../tools/made .")]
    [InlineData("tar --mtime=@-100000000000 -zcf ../tools/made .")]
    [InlineData("tar cf - . | split -b 100000 --filter='gzip -c' > ../tools/made")]
    [InlineData("tar cf - . | split -b 100000 --filter='bzip2 -c' > ../tools/made")]
    [InlineData("{ : | bzip2; tar cf - . | bzip2 -1; : | bzip2; } > ../tools/made")]
    [InlineData("{ : | xz; tar cf - . | xz -1; : | xz; } > ../tools/made")]
    [InlineData("{ : | zstd; tar cf - . | zstd -1; : | zstd; } > ../tools/made")]
    [InlineData("{ : | gzip; tar cf - . | gzip -1; : | gzip; } > ../tools/made")]
    [InlineData("tar cf - . | split -b 100000 --filter='xz -c' > ../tools/made")]
    [InlineData("tar cf - . | split -b 100000 --filter='zstd -c' > ../tools/made")]
    [InlineData("tar cf - . | xz -0 -T2 --block-size=65536 -C sha256 > ../tools/made")]
    [InlineData("tar cf - . | xz --check=none > ../tools/made")]
    [InlineData("tar cf - . | xz --x86 --lzma2=dict=1MiB > ../tools/made")]
    [InlineData("tar cf - . | xz -9e > ../tools/made; head -c 8 /dev/zero >> ../tools/made")]
    [InlineData("tar cf - . | zstd -19 --long=27 --no-check -c > ../tools/made")]
    [InlineData("tar cf - . | gzip -1 > ../tools/made; head -c 100000 /dev/zero >> ../tools/made")]
    [InlineData("bsdtar -czf ../tools/made .")]
    [InlineData("bsdtar -cjf ../tools/made .")]
    [InlineData("bsdtar -cJf ../tools/made .")]
    [InlineData("bsdtar --zstd -cf ../tools/made .")]
    [InlineData("bsdtar --format=pax -czf ../tools/made .")]
    [InlineData("bsdtar --format=gnutar -czf ../tools/made .")]
    [InlineData("bsdtar --format=zip -cf ../tools/made .")]
    [InlineData("bsdtar -cf - . | cat > ../tools/made")]
    [InlineData("bsdtar -czf - . | cat > ../tools/made")]
    [InlineData("bsdtar -cjf - . | cat > ../tools/made")]
    [InlineData("bsdtar -cJf - . | cat > ../tools/made")]
    [InlineData("bsdtar --zstd -cf - . | cat > ../tools/made")]
    [InlineData("bsdtar --format=zip -cf - . | cat > ../tools/made")]
    [InlineData("bsdtar -b 300 --format=zip -cf - . | cat > ../tools/made")]
    [InlineData("tar cf - . | zstd -T2 --no-check > ../tools/made; head -c 100000 /dev/zero >> ../tools/made")]
    [InlineData("tar cf - . | split -b 100000 --filter='zstd -c' > ../tools/made; head -c 1 /dev/zero >> ../tools/made")]
    [InlineData("tar cf - . | split -b 100000 --filter='bzip2 -c' > ../tools/made; head -c 7 /dev/zero >> ../tools/made")]
    [InlineData("tar --label=backup --format=gnu -zcf ../tools/made .")]
    [InlineData("tar --label=backup --format=posix -zcf ../tools/made .")]
    [InlineData("tar --listed-incremental=../tools/snapshot --format=gnu -zcf ../tools/made .")]
    [InlineData("tar --listed-incremental=../tools/snapshot --format=posix -zcf ../tools/made .")]
    [InlineData("zip -q -r ../tools/made.zip . && mv ../tools/made.zip ../tools/made")]
    [InlineData("zip -q -0 -r ../tools/made.zip . && mv ../tools/made.zip ../tools/made")]
    [InlineData("zip -q -Z bzip2 -r ../tools/made.zip . && mv ../tools/made.zip ../tools/made")]
    [InlineData("zip -q -r - . > ../tools/made")]
    [InlineData("zip -q -fz -r ../tools/made.zip . && mv ../tools/made.zip ../tools/made")]
    public async Task Unpacks_what_the_shell_packs(string command)
    {
        FileTree.WriteSample(_source);

        await ChildProcess.RunAsync(_source, "bash", "-c", "set -e; shopt -s nullglob; " + command);

        await ShouldUnpackAsync();
    }

    [Theory]
    [InlineData("w:gz", "PAX_FORMAT")]
    [InlineData("w:gz", "GNU_FORMAT")]
    [InlineData("w:bz2", "PAX_FORMAT")]
    [InlineData("w:xz", "GNU_FORMAT")]
    [InlineData("w", "PAX_FORMAT")]
    public async Task Unpacks_what_Python_packs(string mode, string format)
    {
        FileTree.WriteSample(_source, withLinks: true);

        await ChildProcess.RunAsync(_source, "python3", "-c", PythonTar, mode, format);

        await ShouldUnpackAsync();
    }

    [Fact]
    public async Task Unpacks_what_Python_packs_as_ustar()
    {
        FileTree.WriteSample(_source);
        // The one name of the sample that ustar cannot hold: it splits paths at slashes only.
        Directory.Delete(Path.Join(_source, "long"), recursive: true);
        Directory.Delete(Path.Join(_source, new string('a', 90)), recursive: true);
        Directory.CreateDirectory(Path.Join(_source, new string('d', 90), new string('e', 60)));
        await File.WriteAllTextAsync(Path.Join(_source, new string('d', 90), new string('e', 60), new string('f', 80)), "split over two fields");

        await ChildProcess.RunAsync(_source, "python3", "-c", PythonTar, "w:gz", "USTAR_FORMAT");

        await ShouldUnpackAsync();
    }

    [Fact]
    public async Task Unpacks_what_Python_zips()
    {
        FileTree.WriteSample(_source);

        await ChildProcess.RunAsync(_source, "python3", "-c", PythonZip);

        await ShouldUnpackAsync();
    }

    [Theory]
    [InlineData("tar.gz")]
    [InlineData("tar")]
    [InlineData("zip")]
    public async Task Unpacks_what_git_archives(string format)
    {
        FileTree.WriteSample(_source, withLinks: true);
        // Git keeps no empty folders.
        Directory.Delete(Path.Join(_source, "empty folder"), recursive: true);
        var expected = FileTree.Describe(_source);
        await ChildProcess.RunAsync(_source, "git", "init", "--quiet");
        await ChildProcess.RunAsync(_source, "git", "add", "--all");
        await ChildProcess.RunAsync(_source, "git", "-c", "user.name=servo", "-c", "user.email=servo@localhost", "commit", "--quiet", "--message", "sample");

        await ChildProcess.RunAsync(_source, "git", "archive", $"--format={format}", "--output", _made, "HEAD");

        (await _inbox.UnpackFileAsync(_made)).Failure.ShouldBeNull();
        FileTree.Describe(_inbox.Bundle).ShouldBe(expected);
    }

    [Theory]
    [InlineData("tar zcf ../tools/made .")]
    [InlineData("tar --format=posix -zcf ../tools/made .")]
    [InlineData("bsdtar --format=pax -czf ../tools/made .")]
    [InlineData("zip -q -y -r ../tools/made.zip . && mv ../tools/made.zip ../tools/made")]
    public async Task Unpacks_symbolic_links_inside_the_bundle(string command)
    {
        FileTree.WriteSample(_source, withLinks: true);

        await ChildProcess.RunAsync(_source, "bash", "-c", command);

        await ShouldUnpackAsync();
        _inbox.Text("latest.txt").ShouldBe("deep");
        _inbox.Text("one/up.py").ShouldStartWith("print");
    }

    [Theory]
    [InlineData("tar zcf ../tools/made .")]
    [InlineData("bsdtar -czf ../tools/made .")]
    [InlineData("tar --format=posix -zcf ../tools/made .")]
    public async Task Unpacks_hard_links_as_files_with_the_same_bytes(string command)
    {
        FileTree.WriteSample(_source);
        await ChildProcess.RunAsync(_source, "ln", "random.bin", "one/linked.bin");
        await ChildProcess.RunAsync(_source, "ln", "deploy.sh", "a.sh");

        await ChildProcess.RunAsync(_source, "bash", "-c", command);

        await ShouldUnpackAsync();
    }

    [Theory]
    [InlineData("tar zcf ../tools/made .")]
    [InlineData("tar --format=posix -zcf ../tools/made .")]
    [InlineData("bsdtar -czf ../tools/made .")]
    public async Task Unpacks_symbolic_links_of_two_names_and_links_through_links(string command)
    {
        await ChildProcess.RunAsync(_source, "bash", "-c", """
            mkdir -p releases/5; echo tool > releases/5/tool; ln -s releases/5 current; ln -s current/tool tool
            mkdir first; echo data > first/data; ln -s data first/link; cp -al first second
            """);

        await ChildProcess.RunAsync(_source, "bash", "-c", command);

        await ShouldUnpackAsync();
        _inbox.Text("tool").ShouldBe("tool\n");
        _inbox.Text("second/link").ShouldBe("data\n");
    }

    [Fact]
    public async Task Says_so_of_a_volume_that_is_one_of_several()
    {
        FileTree.WriteSample(_source);

        await ChildProcess.RunAsync(
            _source, "tar", "-c", "-M", "-L", "100", "--format=gnu", "-f", "../tools/1", "-f", "../tools/2", "-f", "../tools/3", "-f",
            "../tools/4", "-f", "../tools/5", "-f", "../tools/6", "-f", "../tools/7", ".");

        (await _inbox.UnpackFileAsync(Path.Join(_inbox.Root, "tools/1"))).Failure.ShouldBe(new RunFailure.BadArchive("it is cut short"));
        (await _inbox.UnpackFileAsync(Path.Join(_inbox.Root, "tools/2"))).Failure.ShouldBe(
            new RunFailure.UnsafeEntry("./random.bin", "goes on from another volume, and an archive of several volumes is not read"));
    }

    [Theory]
    [InlineData(TarEntryFormat.Pax)]
    [InlineData(TarEntryFormat.Gnu)]
    public async Task Unpacks_what_TarWriter_packs(TarEntryFormat format)
    {
        FileTree.WriteSample(_source, withLinks: true);

        await using (var file = File.Create(_made))
        await using (var gzip = new GZipStream(file, CompressionLevel.Fastest))
        await using (var writer = new TarWriter(gzip, format))
        {
            foreach (var path in FileTree.Paths(_source))
                await writer.WriteEntryAsync(path, Path.GetRelativePath(_source, path));
        }

        await ShouldUnpackAsync();
    }

    [Fact]
    public async Task Unpacks_what_TarFile_packs()
    {
        FileTree.WriteSample(_source, withLinks: true);
        // TarFile itself leaves hidden files out.
        Directory.Delete(Path.Join(_source, ".config"), recursive: true);
        File.Delete(Path.Join(_source, ".hidden"));

        await TarFile.CreateFromDirectoryAsync(_source, _made, includeBaseDirectory: false);

        await ShouldUnpackAsync();
    }

    [Theory]
    [InlineData(CompressionLevel.Optimal)]
    [InlineData(CompressionLevel.NoCompression)]
    public async Task Unpacks_what_ZipFile_packs(CompressionLevel level)
    {
        FileTree.WriteSample(_source);

        await ZipFile.CreateFromDirectoryAsync(_source, _made, level, includeBaseDirectory: false);

        await ShouldUnpackAsync();
    }

    [Fact]
    public async Task Unpacks_a_zip_that_was_streamed()
    {
        FileTree.WriteSample(_source);

        // To a stream that cannot go back: sizes and checksums come behind the data, in data descriptors.
        await ChildProcess.RunAsync(_source, "bash", "-c", "zip -q -r - . | cat > ../tools/made");

        await ShouldUnpackAsync();
    }

    [Fact]
    public async Task Unpacks_a_zip_with_64_bit_fields_and_more_entries_than_16_bits_count()
    {
        await using (var zip = await ZipFile.OpenAsync(_made, ZipArchiveMode.Create))
        {
            for (var i = 0; i < 70_000; i++)
                zip.CreateEntry($"folder{i % 10}/");
        }

        var result = await _inbox.UnpackFileAsync(_made);

        result.Failure.ShouldBeNull();
        result.Value!.Entries.ShouldBe(70_000);
    }

    private async Task ShouldUnpackAsync()
    {
        var result = await _inbox.UnpackFileAsync(_made);

        result.Failure.ShouldBeNull();
        FileTree.Describe(_inbox.Bundle).ShouldBe(FileTree.Describe(_source));
        result.Value!.Bytes.ShouldBe(FileTree.Paths(_source).Select(path => new FileInfo(path)).Where(file => file is { Exists: true, LinkTarget: null }).Sum(file => file.Length));
    }
}
