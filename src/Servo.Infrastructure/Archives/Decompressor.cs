using SharpCompress.Common;
using SharpCompress.Providers;
using SharpCompress.Providers.Default;
using SharpCompress.Providers.System;

namespace Servo.Infrastructure.Archives;

/// <summary>
/// Opens the compressed formats. What comes out of them ends only where
/// the compressed data end, whole and with nothing but zeros behind them.
/// </summary>
internal static class Decompressor
{
    /// <summary>
    /// The system's deflate is about five times faster than SharpCompress's managed one. What is not listed is not read: the other methods that zip knows are
    /// decoded by code that sees little use, some of them with as much memory as the archive asks for.
    /// </summary>
    public static CompressionProviderRegistry Providers { get; } = CompressionProviderRegistry.Empty
        .With(new SystemGZipCompressionProvider())
        .With(new SystemDeflateCompressionProvider())
        .With(new Deflate64CompressionProvider())
        .With(new BZip2CompressionProvider())
        .With(new ZStandardCompressionProvider());

    /// <summary>Opens what <paramref name="file"/> holds, the file itself if it is not compressed.</summary>
    public static Stream Open(ArchiveFormat format, Stream file)
    {
        switch (format)
        {
            case ArchiveFormat.Tar:
                return file;

            case ArchiveFormat.GZip:
                var tail = new GzipTail(file);
                return new DecodedStream(() => Providers.CreateDecompressStream(CompressionType.GZip, tail), atEnd: _ => tail.EnsureNothingFollows());

            case ArchiveFormat.BZip2:
                return new DecodedStream(() => new Bzip2Reader(file));

            case ArchiveFormat.Xz:
                return new DecodedStream(() => new XzReader(file));

            case ArchiveFormat.ZStandard:
                var frames = new SeekGuard(file, ZstandardFrames.FindEnd(file)) { Position = 0 };
                return new DecodedStream(() => Providers.CreateDecompressStream(CompressionType.ZStandard, frames));

            default:
                throw new ArgumentOutOfRangeException(nameof(format), format, "This format holds no stream.");
        }
    }
}
