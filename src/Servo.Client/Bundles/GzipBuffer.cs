using System.IO.Compression;

namespace Servo.Client.Bundles;

/// <summary>Compresses blocks in memory, one at a time, with a header that does not depend on the system.</summary>
internal sealed class GzipBuffer : IDisposable
{
    private const int HeaderLength = 10;

    private readonly MemoryStream _bytes = new(2 * BlockPipe.BlockSize);
    private readonly GZipStream _gzip;
    private bool _hasHeader;

    public GzipBuffer() => _gzip = new GZipStream(_bytes, CompressionLevel.Optimal, leaveOpen: true);

    /// <summary>The next bytes of the archive, valid until the next call; there may be none.</summary>
    public ArraySegment<byte> Compress(byte[] block, int count)
    {
        if (_hasHeader)
            _bytes.SetLength(0);

        _gzip.Write(block, 0, count);
        return Bytes();
    }

    /// <summary>The last bytes.</summary>
    public ArraySegment<byte> Finish()
    {
        if (_hasHeader)
            _bytes.SetLength(0);

        _gzip.Dispose();
        return Bytes();
    }

    public void Dispose() => _gzip.Dispose();

    private ArraySegment<byte> Bytes()
    {
        if (!_hasHeader && _bytes.Length < HeaderLength)
            return new ArraySegment<byte>([]);

        _bytes.TryGetBuffer(out var bytes);

        // RFC 1952: no time of modification (4-7), no hint at the level (8), an unknown system (9); zlib writes its own.
        if (!_hasHeader)
        {
            Array.Clear(bytes.Array!, bytes.Offset + 4, 5);
            bytes.Array![bytes.Offset + 9] = 255;
            _hasHeader = true;
        }

        return bytes;
    }
}
