using Microsoft.Extensions.Options;
using Servo.Application.Archives;
using Servo.Domain.Runs;

namespace Servo.Infrastructure.Archives;

/// <summary>Unpacks tar archives, plain or compressed, and zip archives.</summary>
internal sealed class ArchiveReader(IOptions<ArchiveOptions> options) : IArchiveReader
{
    private const int MinBufferBytes = 4 * 1024;
    private const int MaxBufferBytes = 128 * 1024;

    // What is larger is worth two workers: one decompresses while the other writes files.
    private const int SmallBytes = 64 * 1024;

    public Task<StepResult<ArchiveContents>> UnpackAsync(string archivePath, string directory, CancellationToken cancellationToken)
    {
        var length = new FileInfo(archivePath).Length;

        // Decoders and file systems block.
        return length <= SmallBytes ? UnpackAsync() : Task.Run(UnpackAsync, cancellationToken);

        async Task<StepResult<ArchiveContents>> UnpackAsync()
        {
            try
            {
                var buffer = (int)Math.Clamp(length, MinBufferBytes, MaxBufferBytes);
                await using var file = new FileStream(archivePath, FileMode.Open, FileAccess.Read, FileShare.Read, buffer);
                var limits = new UnpackLimits(options.Value, file.Length);
                await ArchiveReader.UnpackAsync(file, new BundleWriter(Path.GetFullPath(directory), limits), limits, cancellationToken);

                return new ArchiveContents(limits.Entries, limits.Bytes);
            }
            catch (ArchiveException exception)
            {
                return (StepResult<ArchiveContents>)exception.Failure;
            }
        }
    }

    private static async Task UnpackAsync(FileStream file, BundleWriter bundle, UnpackLimits limits, CancellationToken cancellationToken)
    {
        var format = Detect(file);

        if (format == ArchiveFormat.Zip)
        {
            await ZipUnpacker.UnpackAsync(file, bundle, cancellationToken);
        }
        else
        {
            await using var content = new CountedStream(Decompressor.Open(format, file), limits.CountRead);
            await using var ahead = file.Length > SmallBytes ? new ReadAhead(content, cancellationToken) : null;
            await TarUnpacker.UnpackAsync(ahead?.Output ?? content, bundle, cancellationToken);
        }

        await bundle.MakeLinksAsync(cancellationToken);
    }

    private static ArchiveFormat Detect(FileStream file)
    {
        var start = new byte[TarBlock.Size];
        var read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        file.Position = 0;

        if (read == 0)
            throw ArchiveException.Bad("it is empty");

        return ArchiveFormats.Detect(start.AsSpan(0, read))
            ?? throw ArchiveException.Bad("it is none of tar, tar.gz, tar.bz2, tar.xz, tar.zst and zip");
    }
}
