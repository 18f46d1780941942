using SharpCompress.Compressors;
using SharpCompress.Compressors.BZip2;

namespace Servo.Infrastructure.Archives;

/// <summary>
/// Reads a .bz2 file, which holds one compressed stream or several: parallel compressors write one for every 900 kB. SharpCompress decodes each of them; its
/// own way of joining them takes some of what may follow the last one for the end.
/// </summary>
internal sealed class Bzip2Reader(Stream file) : InputStream
{
    private readonly long _startOfZeros = FindStartOfZeros(file);
    private BZip2Stream? _stream;

    public override int Read(Span<byte> buffer)
    {
        // The decoder reads byte by byte, so that the file is at the end of a stream when the stream is.
        while (_stream is not null || file.Position < _startOfZeros)
        {
            _stream ??= BZip2Stream.Create(file, CompressionMode.Decompress, decompressConcatenated: false, leaveOpen: true);

            if (_stream.Read(buffer) is > 0 and var read)
                return read;

            _stream = null;
        }

        return 0;
    }

    private static long FindStartOfZeros(Stream file)
    {
        var start = ZeroPadding.FindStart(file);
        file.Position = 0;

        return start;
    }
}
