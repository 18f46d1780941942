using System.IO.Compression;
using Servo.Application.Archives;
using Servo.Domain.Runs;
using Servo.Infrastructure.Archives;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Archives;

/// <summary>The format is told by content; what is of no known format is refused in plain words.</summary>
public sealed class ArchiveFormatTests : IDisposable
{
    private readonly Inbox _inbox = new();

    public void Dispose() => _inbox.Dispose();

    [Theory]
    [InlineData("1f8b08", nameof(ArchiveFormat.GZip))]
    [InlineData("425a6839", nameof(ArchiveFormat.BZip2))]
    [InlineData("fd377a585a00", nameof(ArchiveFormat.Xz))]
    [InlineData("28b52ffd", nameof(ArchiveFormat.ZStandard))]
    [InlineData("502a4d18", nameof(ArchiveFormat.ZStandard))]
    [InlineData("504b0304", nameof(ArchiveFormat.Zip))]
    [InlineData("504b0506", nameof(ArchiveFormat.Zip))]
    [InlineData("504b0606", nameof(ArchiveFormat.Zip))]
    public void Tells_formats_by_their_first_bytes(string start, string format) =>
        ArchiveFormats.Detect(Convert.FromHexString(start)).ToString().ShouldBe(format);

    [Theory]
    [InlineData("PK\u0003\u0004.txt")]
    [InlineData("BZh9.txt")]
    public async Task Takes_a_tar_archive_for_one_whatever_its_first_file_is_called(string name)
    {
        await _inbox.ContentsAsync(new TarBuilder().File(name, "data").ToTar());

        _inbox.Text(name).ShouldBe("data");
    }

    [Fact]
    public async Task Rejects_what_is_no_archive()
    {
        const string Why = "it is none of tar, tar.gz, tar.bz2, tar.xz, tar.zst and zip";
        var noise = new byte[100_000];
        new Random(11).NextBytes(noise);

        (await _inbox.FailureAsync([])).ShouldBe(new RunFailure.BadArchive("it is empty"));
        (await _inbox.FailureAsync([0])).ShouldBe(new RunFailure.BadArchive(Why));
        (await _inbox.FailureAsync(new byte[511])).ShouldBe(new RunFailure.BadArchive(Why));
        (await _inbox.FailureAsync(noise)).ShouldBe(new RunFailure.BadArchive(Why));
        (await _inbox.FailureAsync([.. "<html>"u8])).ShouldBe(new RunFailure.BadArchive(Why));
        (await _inbox.FailureAsync([.. "7z\u00bc\u00af"u8, 0x27, 0x1c])).ShouldBe(new RunFailure.BadArchive(Why));
    }

    [Fact]
    public async Task Rejects_compressed_data_that_hold_no_tar_archive()
    {
        (await _inbox.FailureAsync(TarBuilder.Gzip([]))).ShouldBe(new RunFailure.BadArchive("it is empty"));
        (await _inbox.FailureAsync(TarBuilder.Gzip([.. "just a file"u8]))).ShouldBe(new RunFailure.BadArchive("what is compressed in it is not a tar archive"));
        (await _inbox.FailureAsync(TarBuilder.Gzip(new byte[2_000].Select((_, i) => (byte)i).ToArray()))).ShouldBe(
            new RunFailure.BadArchive("what is compressed in it is not a tar archive"));
        (await _inbox.FailureAsync(TarBuilder.Gzip(new TarBuilder().File("a").ToGzip()))).ShouldBe(
            new RunFailure.BadArchive("what is compressed in it is not a tar archive"));
    }

    [Fact]
    public async Task Rejects_magic_numbers_with_noise_behind_them()
    {
        var noise = new byte[5_000];
        new Random(13).NextBytes(noise);

        foreach (var start in new[] { "1f8b0800", "425a6839314159265359", "fd377a585a000004e6d6b446", "28b52ffd", "502a4d18", "504b0304", "504b0506" })
            (await _inbox.FailureAsync([.. Convert.FromHexString(start), .. noise])).ShouldBeOfType<RunFailure.BadArchive>(start);
    }

    [Fact]
    public async Task Reads_an_empty_zip()
    {
        using var stream = new MemoryStream();
        await using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            zip.Comment = "";

        (await _inbox.ContentsAsync(stream.ToArray())).Entries.ShouldBe(0);
    }

    [Fact]
    public async Task Sees_how_a_gzip_file_ends_wherever_that_is_in_a_buffer()
    {
        var noise = new byte[8_300];
        new Random(17).NextBytes(noise);

        // The decoder reads 8 KiB at a time; its framing adds some twenty bytes.
        for (var length = 8_140; length < 8_200; length++)
        {
            var gzip = TarBuilder.Gzip(noise[..length]);

            (await DecodeAsync(gzip)).ShouldBe(noise[..length]);
            (await DecodeAsync([.. gzip, .. gzip])).Length.ShouldBe(2 * length);
            (await DecodeAsync([.. gzip, .. new byte[3]])).Length.ShouldBe(length);

            foreach (byte[] damaged in new byte[][] { gzip[..^1], gzip[..^8], gzip[..^9], [.. gzip, 1], [.. gzip, 0, 1], [.. gzip, 0x1f], [.. gzip, .. gzip[..^1]], [.. gzip, .. gzip, 1] })
                await Should.ThrowAsync<ArchiveException>(() => DecodeAsync(damaged));
        }

        static async Task<byte[]> DecodeAsync(byte[] gzip)
        {
            using var decoded = new MemoryStream();
            await using var content = Decompressor.Open(ArchiveFormat.GZip, new MemoryStream(gzip));
            await content.CopyToAsync(decoded);

            return decoded.ToArray();
        }
    }

    [Fact]
    public async Task Stops_between_two_buffers_when_it_is_cancelled()
    {
        using var directory = new TempDirectory();
        using var cancellation = new CancellationTokenSource();
        var limits = new UnpackLimits(new ArchiveOptions(), archiveBytes: 1_000_000);
        var reads = 0;

        using var content = new DecodedStream(() => new MemoryStream(new byte[100_000_000]), onRead: _ =>
        {
            if (++reads == 3)
                cancellation.Cancel();
        });

        await Should.ThrowAsync<OperationCanceledException>(
            async () => await new BundleWriter(directory.Path, limits).AddFileAsync("a", false, content, cancellation.Token));
        reads.ShouldBe(3);
    }

    [Fact]
    public async Task Stops_when_it_is_cancelled()
    {
        var path = Path.Join(_inbox.Root, "archive");
        await File.WriteAllBytesAsync(path, new TarBuilder().File("a", "data").ToGzip());

        await Should.ThrowAsync<OperationCanceledException>(() => _inbox.UnpackFileAsync(path, new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task Leaves_it_to_the_operator_when_the_disk_fails()
    {
        // Not the caller's fault, so not a failure.
        await Should.ThrowAsync<FileNotFoundException>(() => _inbox.UnpackFileAsync(Path.Join(_inbox.Root, "no such archive")));
    }
}
