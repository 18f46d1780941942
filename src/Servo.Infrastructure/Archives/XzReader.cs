using SharpCompress.Compressors.Xz;

namespace Servo.Infrastructure.Archives;

/// <summary>
/// Reads an .xz file (format 1.1.0) block by block. SharpCompress decodes the blocks; its XZStream is not used, since it ends after the first of several
/// streams, never compares the index with what it has read, and takes a dictionary of any size that a block asks for.
/// </summary>
internal sealed class XzReader(Stream file) : InputStream
{
    // Twice what xz -9 writes, and as much as the Zstandard decoder grants.
    private const int MaxDictionaryBytes = 128 << 20;

    private const long Lzma2 = 0x21;
    private const long FirstBranchFilter = 4;
    private const long LastBranchFilter = 9;

    private readonly byte[] _buffer = new byte[64 * 1024];
    private XZHeader? _header;
    private XZBlock? _block;
    private long _blocks;
    private long _bytes;

    public override int Read(Span<byte> buffer)
    {
        while (_block is not null || MoveToNextBlock())
        {
            // A block fills the whole buffer until it ends, when it compares its check.
            var wanted = Math.Min(buffer.Length, _buffer.Length);
            var read = _block!.Read(_buffer, 0, wanted);
            _buffer.AsSpan(0, read).CopyTo(buffer);
            _bytes += read;

            if (read < wanted)
                _block = null;

            if (read > 0)
                return read;
        }

        return 0;
    }

    private bool MoveToNextBlock()
    {
        while (true)
        {
            if (_header is null)
            {
                if (!MoveToNextStream())
                    return false;

                _header = XZHeader.FromStream(file);
                (_blocks, _bytes) = (0, 0);
            }

            if (Peek() is { Length: > 0 } header)
            {
                EnsureIsReadable(header);
                _block = new XZBlock(file, _header.BlockCheckType, _header.BlockCheckSize);
                _blocks++;
                return true;
            }

            XzIndex.Verify(file, _blocks, _bytes);
            XZFooter.FromStream(file);
            _header = null;
        }
    }

    /// <summary>Streams may follow each other, with padding of four zeros or a multiple of it between and behind them.</summary>
    private bool MoveToNextStream()
    {
        var start = file.Position;
        int next;

        do
        {
            next = file.ReadByte();
        }
        while (next == 0);

        if ((file.Position - (next < 0 ? 0 : 1) - start) % 4 != 0)
            throw new InvalidDataException("Stream padding of xz is not a multiple of four bytes.");

        if (next >= 0)
            file.Position--;

        return next >= 0;
    }

    /// <summary>The header of the block that is next; empty if it is the index.</summary>
    private byte[] Peek()
    {
        var start = file.Position;
        var length = file.ReadByte() * 4;

        if (length < 0)
            throw new EndOfStreamException();

        var header = new byte[length];
        file.ReadExactly(header);
        file.Position = start;

        return header;
    }

    private static void EnsureIsReadable(ReadOnlySpan<byte> header)
    {
        // After the flags come the optional sizes and then up to four filters: an identifier, the size of its properties, the properties.
        var at = 1;
        var sizes = ((header[0] >> 6) & 1) + (header[0] >> 7);

        for (; sizes > 0; sizes--)
            XzIndex.ReadInteger(header, ref at);

        for (var filters = (header[0] & 3) + 1; filters > 0; filters--)
        {
            var filter = XzIndex.ReadInteger(header, ref at);
            var properties = header.Slice(at + 1, header[at]);
            at += 1 + properties.Length;

            if (filter is not (Lzma2 or (>= FirstBranchFilter and <= LastBranchFilter)))
                throw ArchiveException.Bad("it is compressed with a filter of xz that is not read here");

            // LZMA2, whose one property byte is half an exponent; DictionarySize = (2 | bit 0) << (bits / 2 + 11).
            if (filter == Lzma2 && (properties[0] > 40 || (2L | (properties[0] & 1)) << ((properties[0] / 2) + 11) > MaxDictionaryBytes))
                throw ArchiveException.Bad($"it needs a dictionary of more than {MaxDictionaryBytes >> 20} MiB");
        }
    }
}
