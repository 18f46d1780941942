using Microsoft.Extensions.Options;
using Servo.Application.Archives;
using Servo.Domain.Runs;

namespace Servo.Infrastructure.Archives;

/// <summary>Unpacks tar archives, plain or compressed, and zip archives.</summary>
internal sealed class ArchiveReader(IOptions<ArchiveOptions> options) : IArchiveReader
{
    private const int MinBufferBytes = 4 * 1024;
    private const int MaxBufferBytes = 128 * 1024;

    public Task<StepResult<ArchiveContents>> UnpackAsync(string archivePath, string directory, CancellationToken cancellationToken) =>
        // On a worker: decoders and file systems block.
        Task.Run(
            async () =>
            {
                try
                {
                    var buffer = (int)Math.Clamp(new FileInfo(archivePath).Length, MinBufferBytes, MaxBufferBytes);
                    await using var file = new FileStream(archivePath, FileMode.Open, FileAccess.Read, FileShare.Read, buffer);
                    var limits = new UnpackLimits(options.Value, file.Length);
                    await UnpackAsync(file, new BundleWriter(Path.GetFullPath(directory), limits), limits, cancellationToken);

                    return new ArchiveContents(limits.Entries, limits.Bytes);
                }
                catch (ArchiveException exception)
                {
                    return (StepResult<ArchiveContents>)exception.Failure;
                }
            },
            cancellationToken);

    private static async Task UnpackAsync(FileStream file, BundleWriter bundle, UnpackLimits limits, CancellationToken cancellationToken)
    {
        var format = await DetectAsync(file, cancellationToken);

        if (format == ArchiveFormat.Zip)
        {
            await ZipUnpacker.UnpackAsync(file, bundle, cancellationToken);
        }
        else
        {
            await using var content = Decompressor.Open(format, file);
            await using var ahead = new ReadAhead(content, limits, cancellationToken);
            await TarUnpacker.UnpackAsync(ahead.Output, bundle, cancellationToken);
        }

        await bundle.MakeLinksAsync(cancellationToken);
    }

    private static async ValueTask<ArchiveFormat> DetectAsync(FileStream file, CancellationToken cancellationToken)
    {
        var start = new byte[TarBlock.Size];
        var read = await file.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken);
        file.Position = 0;

        if (read == 0)
            throw ArchiveException.Bad("it is empty");

        return ArchiveFormats.Detect(start.AsSpan(0, read))
            ?? throw ArchiveException.Bad("it is none of tar, tar.gz, tar.bz2, tar.xz, tar.zst and zip");
    }
}
