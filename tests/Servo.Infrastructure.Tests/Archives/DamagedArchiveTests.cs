using System.IO.Compression;
using Servo.Domain.Runs;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Archives;

/// <summary>Whatever is cut, flipped or added: never an exception, and never a success with contents other than those that were packed.</summary>
public sealed class DamagedArchiveTests : IDisposable
{
    private readonly Inbox _inbox = new();

    public static TheoryData<string> Formats => [.. s_packers.Keys];

    // Each has a check of its own over the data, but for plain tar.
    private static readonly Dictionary<string, string> s_packers = new()
    {
        ["tar"] = "cat",
        ["tar.gz"] = "gzip -c",
        ["tar.bz2"] = "bzip2 -c",
        ["tar.xz"] = "xz -c",
        ["tar.xz of several blocks"] = "xz -c --block-size=4096",
        ["tar.zst"] = "zstd -c",
        ["zip"] = "",
        ["zip, stored"] = "",
    };

    public void Dispose() => _inbox.Dispose();

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Rejects_an_archive_that_is_cut_short_anywhere(string format)
    {
        var (archive, expected) = await PackAsync(format);

        // Every byte of the ends, where headers and checks are, and a sample of what lies between.
        foreach (var length in Enumerable.Range(0, archive.Length).Where(at => at < 300 || at > archive.Length - 100 || at % 97 == 0))
        {
            var result = await _inbox.UnpackAsync(archive[..length]);

            // A plain tar archive may lack its zeros. Nothing tells one that was cut between two entries from one that ends there; its signature does.
            if (format == "tar" && result.Failure is null)
                FileTree.Describe(_inbox.Bundle).ShouldBe(length % 512 == 0 ? expected.Intersect(FileTree.Describe(_inbox.Bundle)) : expected);
            else
                result.Failure.ShouldBeOfType<RunFailure.BadArchive>($"cut after {length} of {archive.Length} bytes");
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Never_unpacks_flipped_bits_to_other_contents(string format)
    {
        var (archive, expected) = await PackAsync(format);
        var random = new Random(3);

        for (var round = 0; round < 300; round++)
        {
            var damaged = archive.ToArray();
            var at = round < 60 ? round % archive.Length : random.Next(archive.Length);
            damaged[at] ^= (byte)(1 << random.Next(8));

            var result = await _inbox.UnpackAsync(damaged);

            // Where a bit says nothing about the contents (a time, an owner, padding, a plain tar's data) there is nothing to notice.
            if (result.Failure is null && format != "tar")
                Normalize(FileTree.Describe(_inbox.Bundle)).ShouldBe(Normalize(expected), $"byte {at} of {archive.Length}");
        }

        // Execute bits and empty folders of a zip live in its central directory, which has no check.
        IEnumerable<string> Normalize(string[] lines) =>
            format.StartsWith("zip") ? lines.Where(line => line[0] is 'f' or 'x').Select(line => line.Split(' ')[^1]) : lines;
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Rejects_what_follows_the_end(string format)
    {
        var (archive, expected) = await PackAsync(format);

        foreach (byte[] rest in new byte[][] { [1], [.. "garbage"u8], [0x1f], [0x1f, 0x8b], [0x1f, 0x8b, 8], [0, 0, 0, 1], archive[..50], [.. Enumerable.Repeat((byte)7, 20_000)], [.. "BZh"u8], [.. "BZh9"u8] })
        {
            var result = await _inbox.UnpackAsync([.. archive, .. rest]);

            // Behind its end marker, a tar archive holds nothing: tar reads no further.
            if (format == "tar")
                FileTree.Describe(_inbox.Bundle).ShouldBe(expected);
            else
                result.Failure.ShouldBeOfType<RunFailure.BadArchive>($"{rest.Length} bytes that start with {rest[0]:x2}");
        }
    }

    [Theory]
    [InlineData("tar")]
    [InlineData("tar.gz")]
    [InlineData("tar.bz2")]
    [InlineData("tar.xz")]
    [InlineData("tar.zst")]
    public async Task Unpacks_the_first_of_concatenated_archives(string format)
    {
        var (archive, expected) = await PackAsync(format);

        // The second is compressed data that go on, behind the first one's end marker, where tar stops reading.
        await _inbox.ContentsAsync([.. archive, .. archive]);

        FileTree.Describe(_inbox.Bundle).ShouldBe(expected);
    }

    [Theory]
    [InlineData("tar.gz")]
    [InlineData("tar.bz2")]
    [InlineData("tar.xz")]
    [InlineData("tar.zst")]
    public async Task Rejects_compressed_data_that_are_cut_short_behind_the_end_marker(string format)
    {
        var (archive, _) = await PackAsync(format);

        (await _inbox.FailureAsync([.. archive, .. archive[..^5]])).ShouldBeOfType<RunFailure.BadArchive>();
    }

    [Fact]
    public async Task Rejects_a_wrong_checksum_of_a_header()
    {
        (await _inbox.FailureAsync(new TarBuilder().File("a", "data").Entry('0', "b", rightChecksum: false)))
            .ShouldBe(new RunFailure.BadArchive("a header is damaged: its checksum is wrong"));
        (await _inbox.FailureAsync(new TarBuilder().File("a", "data").Raw([.. new byte[148], .. "        "u8, .. new byte[355], 1])))
            .ShouldBe(new RunFailure.BadArchive("a header is damaged: its checksum is wrong"));
    }

    [Fact]
    public async Task Rejects_a_wrong_checksum_of_gzip()
    {
        var archive = new TarBuilder().File("a", "data").ToGzip();
        archive[^5] ^= 1;
        (await _inbox.FailureAsync(archive)).ShouldBe(new RunFailure.BadArchive("its compressed data are damaged"));

        archive[^5] ^= 1;
        archive[^1] ^= 1;
        (await _inbox.FailureAsync(archive)).ShouldBe(new RunFailure.BadArchive("its compressed data are damaged"));
    }

    [Fact]
    public async Task Rejects_garbage_between_the_parts_of_a_gzip_file()
    {
        var tar = new TarBuilder().File("a", new string('x', 5_000)).ToTar();

        (await _inbox.FailureAsync([.. TarBuilder.Gzip(tar[..3_000]), .. "garbage"u8, .. TarBuilder.Gzip(tar[3_000..])]))
            .ShouldBeOfType<RunFailure.BadArchive>();
        await _inbox.ContentsAsync([.. TarBuilder.Gzip(tar[..3_000]), .. TarBuilder.Gzip([]), .. TarBuilder.Gzip(tar[3_000..])]);
    }

    [Fact]
    public async Task Rejects_an_extended_header_without_an_entry()
    {
        (await _inbox.FailureAsync(new TarBuilder().File("a").Pax('x', ("path", "b")))).ShouldBe(new RunFailure.BadArchive("it is cut short"));
        (await _inbox.FailureAsync(new TarBuilder().File("a").Gnu('L', "b").ToGzip(endMarker: false))).ShouldBe(new RunFailure.BadArchive("it is cut short"));
    }

    [Fact]
    public async Task Rejects_a_file_that_is_cut_short_inside_whole_compressed_data()
    {
        var tar = new TarBuilder().File("a", new string('x', 5_000)).ToTar();

        foreach (var length in new[] { 513, 3_000, 5_511, 5_512, 5_600 })
            (await _inbox.FailureAsync(TarBuilder.Gzip(tar[..length]))).ShouldBe(new RunFailure.BadArchive("it is cut short"), $"{length}");
    }

    [Fact]
    public async Task Rejects_a_dictionary_of_xz_that_asks_for_much_memory()
    {
        var tar = new TarBuilder().File("a", "data").ToTar();
        var path = Path.Join(_inbox.Root, "source");
        await File.WriteAllBytesAsync(path, tar);
        await ChildProcess.RunAsync(_inbox.Root, "bash", "-c", "xz -c --lzma2=dict=1GiB source > archive");

        (await _inbox.UnpackFileAsync(Path.Join(_inbox.Root, "archive"))).Failure.ShouldBe(
            new RunFailure.BadArchive("it needs a dictionary of more than 128 MiB"));
    }

    [Fact]
    public async Task Says_so_where_it_does_not_read_a_filter_of_xz()
    {
        await File.WriteAllBytesAsync(Path.Join(_inbox.Root, "source"), new TarBuilder().File("a", "data").ToTar());
        await ChildProcess.RunAsync(_inbox.Root, "bash", "-c", "xz -c --delta --lzma2 source > archive");

        (await _inbox.UnpackFileAsync(Path.Join(_inbox.Root, "archive"))).Failure.ShouldBe(
            new RunFailure.BadArchive("it is compressed with a filter of xz that is not read here"));
    }

    private async Task<(byte[] Archive, string[] Expected)> PackAsync(string format)
    {
        var source = Directory.CreateDirectory(Path.Join(_inbox.Root, "source")).FullName;
        await File.WriteAllTextAsync(Path.Join(source, "a.py"), "print('a')\n");
        await File.WriteAllTextAsync(Path.Join(source, "b.txt"), string.Concat(Enumerable.Range(0, 700).Select(i => $"{i * 31} ")));
        var noise = new byte[9_000];
        new Random(5).NextBytes(noise);
        await File.WriteAllBytesAsync(Path.Join(Directory.CreateDirectory(Path.Join(source, "folder")).FullName, "noise"), noise);
        var path = Path.Join(_inbox.Root, "archive");

        if (format.StartsWith("zip"))
            await ZipFile.CreateFromDirectoryAsync(
                source, path, format == "zip" ? CompressionLevel.Optimal : CompressionLevel.NoCompression, includeBaseDirectory: false);
        else
            await ChildProcess.RunAsync(source, "bash", "-c", $"tar cf - . | {s_packers[format]} > ../archive");

        return (await File.ReadAllBytesAsync(path), FileTree.Describe(source));
    }
}
