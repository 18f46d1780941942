using System.IO.Compression;
using System.Text;
using Servo.Fuzzing;
using Servo.Infrastructure.Tests.Archives;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Fuzzing;

/// <summary>A damaged archive is unpacked or refused, within its limits, and touches nothing outside.</summary>
public sealed class ArchiveFuzzTests
{
    private const int MaxBytes = 4 << 20;
    private const int Checksum = 148;

    [Fact]
    public async Task Of_each_format()
    {
        using var folder = await FilesAsync();
        string[] commands = ["tar cf", "tar czf", "tar cjf", "tar cJf", "tar --zstd -cf", "tar --format=pax -czf", "zip -qr", "zip -qr0"];
        var seeds = new List<byte[]>();

        foreach (var command in commands)
        {
            var name = folder.File($"seed{seeds.Count}.{(command.StartsWith("zip", StringComparison.Ordinal) ? "zip" : "tar")}");
            await ChildProcess.RunAsync(folder.File("files"), "sh", "-c", $"{command} {name} .");
            seeds.Add(await File.ReadAllBytesAsync(name, TestContext.Current.CancellationToken));
        }

        await TryAsync([.. seeds], archive => archive, seconds: 10);
    }

    /// <summary>A mutated header is refused for its checksum alone, so that is set right again; and what decompresses well is looked at further.</summary>
    [Fact]
    public async Task Of_tar_with_headers_whose_checksum_holds()
    {
        using var folder = await FilesAsync();
        var seeds = new List<byte[]>();

        foreach (var format in (string[])["gnu", "pax"])
        {
            var name = folder.File($"{format}.tar");
            await ChildProcess.RunAsync(folder.File("files"), "tar", "cf", name, "-b1", $"--format={format}", ".");
            seeds.Add(await File.ReadAllBytesAsync(name, TestContext.Current.CancellationToken));
        }

        await TryAsync([.. seeds], archive => Compressed(WithChecksums(archive)), seconds: 10);
    }

    private static async Task TryAsync(byte[][] seeds, Func<byte[], byte[]> finish, int seconds)
    {
        using var inbox = new Inbox { Limits = { MaxBytes = MaxBytes, MaxEntries = 1000 } };

        await Mutations.TryAsync(
            seeds,
            async archive =>
            {
                await inbox.UnpackAsync(finish(archive));

                var files = new DirectoryInfo(inbox.Bundle).EnumerateFiles("*", SearchOption.AllDirectories);
                var written = files.Where(file => file.LinkTarget is null).Sum(file => file.Length);
                written.ShouldBeLessThanOrEqualTo(MaxBytes);
            },
            seconds);
    }

    private static async Task<TempDirectory> FilesAsync()
    {
        var folder = new TempDirectory();
        folder.Write("files/a.py", "print('a')\n");
        folder.Write("files/folder/größe", new string('x', 3000));
        folder.Write($"files/folder/{new string('l', 120)}/{new string('m', 60)}", "long");
        await ChildProcess.RunAsync(folder.File("files"), "sh", "-c", "ln -s a.py soft && ln a.py hard && ln -s folder dir && chmod +x a.py");
        return folder;
    }

    private static byte[] WithChecksums(byte[] tar)
    {
        var repaired = tar.ToArray();

        for (var at = 0; at + 512 <= repaired.Length; at += 512)
        {
            var block = repaired.AsSpan(at, 512);

            // Headers have a checksum in octal digits; a file's content has none there.
            if (!block[Checksum..(Checksum + 6)].ContainsAnyExceptInRange((byte)'0', (byte)'7'))
            {
                block.Slice(Checksum, 8).Fill((byte)' ');
                var sum = 0;

                foreach (var one in block)
                    sum += one;

                Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ", block.Slice(Checksum, 8));
            }
        }

        return repaired;
    }

    private static byte[] Compressed(byte[] tar)
    {
        using var compressed = new MemoryStream();

        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(tar);

        return compressed.ToArray();
    }
}
