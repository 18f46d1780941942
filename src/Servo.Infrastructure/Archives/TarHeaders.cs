namespace Servo.Infrastructure.Archives;

/// <summary>
/// A tar archive as <see cref="System.Formats.Tar.TarReader"/> gets it: entry by entry, with headers that were checked and rid of what that reader of .NET 10
/// stumbles over. It compares no checksum, takes a header without one for the archive's end, drops the ustar prefix of an entry that also has an extended header,
/// refuses an owner above 2^31 (nobody, on macOS) and any extended attribute with a line feed in it, and holds an extended header of up to 2 GiB in memory.
/// </summary>
internal sealed class TarHeaders(Stream archive, bool endMarkerRequired) : InputStream
{
    private const string NotTar = "what is compressed in it is not a tar archive";

    // Linux has paths of 4 KiB, and extended attributes of 64 KiB.
    private const int MaxExtendedHeaderBytes = 1 << 20;

    private readonly byte[] _block = new byte[TarBlock.Size];
    private readonly MemoryStream _staged = new();
    private long _dataBytes;
    private bool _isFirst = true;

    /// <summary>Moves to the next entry, whose headers and data are what is read next; the data of the last one must have been read to their end.</summary>
    public async ValueTask<bool> MoveToNextEntryAsync(CancellationToken cancellationToken)
    {
        _staged.SetLength(0);
        await StagePaddingAsync(cancellationToken);
        var headersStart = _staged.Length;
        var records = new PaxRecords();

        while (await ReadHeaderAsync(cancellationToken))
        {
            switch (TarBlock.Type(_block))
            {
                case (byte)'x':
                    records.Add(await ReadDataAsync(cancellationToken));
                    break;

                case (byte)'g':
                    // git archive keeps its commit in one. TarReader would not heed a path or a size for all entries to come.
                    var global = new PaxRecords();
                    global.Add(await ReadDataAsync(cancellationToken));
                    if (!global.IsEmpty)
                        throw RejectedArchiveException.Bad("a global header gives one path or size to all entries");
                    break;

                case (byte)'K' or (byte)'L':
                    _staged.Write(_block);
                    Stage(await ReadDataAsync(cancellationToken));
                    break;

                case (byte)'S':
                    throw RejectedArchiveException.Unsafe(TarBlock.Name(_block), "is a sparse file");

                default:
                    if (!records.IsEmpty && _staged.Length > headersStart)
                        throw RejectedArchiveException.Bad("an entry has extended headers of both GNU and PAX");

                    StageEntry(records);
                    return true;
            }
        }

        if (!records.IsEmpty || _staged.Length > headersStart)
            throw RejectedArchiveException.Bad("it is cut short");

        return false;
    }

    public override int Read(Span<byte> buffer) => throw new NotSupportedException("Headers come from an asynchronous stream.");

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_staged.Read(buffer.Span) is > 0 and var staged)
            return staged;

        var read = await archive.ReadAsync(buffer, cancellationToken);
        _dataBytes += read;

        return read;
    }

    private static int Padding(long bytes) => (int)(-bytes & (TarBlock.Size - 1));

    /// <summary>Reads the next header into the block; false at the archive's end.</summary>
    private async ValueTask<bool> ReadHeaderAsync(CancellationToken cancellationToken)
    {
        var read = await archive.ReadAtLeastAsync(_block, TarBlock.Size, throwOnEndOfStream: false, cancellationToken);

        // Some writers leave the end marker out. In a compressed archive the end of the compressed data still vouches for all before it, but a plain
        // one that was cut between two entries looks just the same.
        if (read == 0 && !_isFirst && !endMarkerRequired)
            return false;

        if (read < TarBlock.Size)
            throw RejectedArchiveException.Bad(!_isFirst ? "it is cut short" : read == 0 ? "it is empty" : NotTar);

        if (TarBlock.IsZero(_block))
        {
            await EnsureOnlyZerosFollowAsync(cancellationToken);
            return false;
        }

        if (!TarBlock.HasRightChecksum(_block))
            throw RejectedArchiveException.Bad(_isFirst ? NotTar : "a header is damaged: its checksum is wrong");

        _isFirst = false;
        return true;
    }

    private async ValueTask EnsureOnlyZerosFollowAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];

        while (await archive.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            if (!TarBlock.IsZero(buffer.AsSpan(0, read)))
                throw RejectedArchiveException.Bad("something else follows its end, such as a second archive");
        }
    }

    private async ValueTask<byte[]> ReadDataAsync(CancellationToken cancellationToken)
    {
        if (TarBlock.DataSize(_block) is not { } size || size > MaxExtendedHeaderBytes)
            throw RejectedArchiveException.Bad($"an extended header is not within {MaxExtendedHeaderBytes} bytes");

        var data = new byte[size + Padding(size)];
        await ReadExactlyAsync(data, cancellationToken);

        return data[..(int)size];
    }

    /// <summary>The reader skips what fills up the last block of an entry's data, by reading it.</summary>
    private async ValueTask StagePaddingAsync(CancellationToken cancellationToken)
    {
        var padding = new byte[Padding(_dataBytes)];
        await ReadExactlyAsync(padding, cancellationToken);
        _staged.Write(padding);
        _dataBytes = 0;
    }

    private async ValueTask ReadExactlyAsync(byte[] buffer, CancellationToken cancellationToken)
    {
        if (await archive.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken) < buffer.Length)
            throw RejectedArchiveException.Bad("it is cut short");
    }

    private void StageEntry(PaxRecords records)
    {
        if (!records.IsEmpty)
        {
            if (!records.HasPath && TarBlock.SplitPath(_block) is { } path)
                records.AddPath(path);

            _staged.Write(TarBlock.ExtendedHeader(records.Bytes.Length));
            Stage(records.Bytes);
        }

        TarBlock.DropMetadata(_block);
        _staged.Write(_block);
        _staged.Position = 0;
    }

    private void Stage(ReadOnlySpan<byte> data)
    {
        _staged.Write(data);
        _staged.SetLength(_staged.Length + Padding(data.Length));
        _staged.Position = _staged.Length;
    }
}
