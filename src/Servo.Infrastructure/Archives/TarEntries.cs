namespace Servo.Infrastructure.Archives;

/// <summary>
/// Reads a tar archive entry by entry, each with what GNU tar makes of its headers; as a stream it is the data of the entry that it stands at. The platform's
/// TarReader (.NET 10) is not used: it compares no checksum, takes a header without one for the archive's end, drops the ustar prefix of an entry that also has
/// an extended header, and refuses much that tar reads: sizes of folders, keys that come twice, names that are written in two ways.
/// </summary>
internal sealed class TarEntries(Stream archive) : InputStream
{
    private const string CutShort = "it is cut short";
    private const string NotTar = "what is compressed in it is not a tar archive";

    // Linux has paths of 4 KiB, and extended attributes of 64 KiB.
    private const int MaxExtendedHeaderBytes = 1 << 20;

    private readonly byte[] _block = new byte[TarBlock.Size];
    private readonly byte[] _skipped = new byte[16 * 1024];
    private bool _isFirst = true;
    private PaxRecords? _global;
    private long _left;
    private int _padding;

    /// <summary>Moves to the next entry, past what is left of this one's data; <see langword="null"/> at the end of the archive.</summary>
    public async ValueTask<TarEntry?> ReadEntryAsync(CancellationToken cancellationToken)
    {
        await SkipAsync(_left, cancellationToken);
        await SkipAsync(_padding, cancellationToken);
        (string? Name, string? Target, PaxRecords? Pax) extended = default;

        while (await ReadHeaderAsync(cancellationToken))
        {
            switch (TarBlock.Type(_block))
            {
                case 'x' or 'X':
                    // One header for one entry: of several the last counts, as with GNU tar. Solaris calls it X.
                    extended.Pax = new PaxRecords(await ReadDataAsync(cancellationToken));
                    break;

                case 'g':
                    // For all entries to come, in place of an earlier one. git archive keeps its commit in one.
                    _global = new PaxRecords(await ReadDataAsync(cancellationToken));
                    break;

                case 'L':
                    extended.Name = TarBlock.Text(await ReadDataAsync(cancellationToken));
                    break;

                case 'K':
                    extended.Target = TarBlock.Text(await ReadDataAsync(cancellationToken));
                    break;

                default:
                    return ToEntry(extended.Name, extended.Target, extended.Pax);
            }
        }

        return extended == default ? null : throw ArchiveException.Bad(CutShort);
    }

    public override int Read(Span<byte> buffer) => throw new NotSupportedException("Entries come from an asynchronous stream.");

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_left == 0)
            return 0;

        var read = await archive.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken);
        _left -= read;

        return read;
    }

    private static int Padding(long bytes) => (int)(-bytes & (TarBlock.Size - 1));

    /// <summary>Of a long name in the ways of GNU tar and of POSIX the latter counts, whichever comes first.</summary>
    private TarEntry ToEntry(string? longName, string? longTarget, PaxRecords? pax)
    {
        var name = pax?.Path ?? _global?.Path ?? longName ?? TarBlock.Path(_block);
        var type = TarBlock.Type(_block) switch
        {
            '\0' or '0' or '7' => name.EndsWith('/') ? '5' : '0',
            var other => other,
        };

        // A folder may state how much it takes, and a link how much is in what it points at; no data follow.
        var size = type is >= '1' and <= '6' ? 0
            : pax?.Size ?? _global?.Size ?? TarBlock.DataSize(_block) ?? throw ArchiveException.Bad("a header is damaged: its size is not a number");
        var mode = TarBlock.Mode(_block) ?? throw ArchiveException.Bad("a header is damaged: its mode is not a number");

        (_left, _padding) = (size, Padding(size));

        return new TarEntry(type, name, pax?.LinkPath ?? _global?.LinkPath ?? longTarget ?? TarBlock.LinkName(_block), mode, size)
        {
            IsSparse = type == 'S' || (pax?.IsSparse ?? false) || (_global?.IsSparse ?? false),
        };
    }

    /// <summary>Reads the next header into the block; false at the archive's end.</summary>
    private async ValueTask<bool> ReadHeaderAsync(CancellationToken cancellationToken)
    {
        var read = await archive.ReadAtLeastAsync(_block, TarBlock.Size, throwOnEndOfStream: false, cancellationToken);

        // Some writers leave the end marker out (Go's without Close), which tar takes for an end like any other. What was cut off after it was signed
        // has another signature.
        if (read == 0 && !_isFirst)
            return false;

        if (read < TarBlock.Size)
            throw ArchiveException.Bad(!_isFirst ? CutShort : read == 0 ? "it is empty" : NotTar);

        if (TarBlock.IsZero(_block))
        {
            await ReadToEndAsync(cancellationToken);
            return false;
        }

        if (!TarBlock.HasRightChecksum(_block))
            throw ArchiveException.Bad(_isFirst ? NotTar : "a header is damaged: its checksum is wrong");

        _isFirst = false;
        return true;
    }

    /// <summary>Passes over what lies behind the end, as tar does; compressed data tell at their end alone whether they are whole.</summary>
    private async ValueTask ReadToEndAsync(CancellationToken cancellationToken)
    {
        while (await archive.ReadAsync(_skipped, cancellationToken) > 0)
        {
        }
    }

    private async ValueTask<byte[]> ReadDataAsync(CancellationToken cancellationToken)
    {
        if (TarBlock.DataSize(_block) is not { } size || size > MaxExtendedHeaderBytes)
            throw ArchiveException.Bad($"an extended header is not within {MaxExtendedHeaderBytes} bytes");

        var data = new byte[size];

        if (await archive.ReadAtLeastAsync(data, data.Length, throwOnEndOfStream: false, cancellationToken) < data.Length)
            throw ArchiveException.Bad(CutShort);

        await SkipAsync(Padding(size), cancellationToken);
        return data;
    }

    private async ValueTask SkipAsync(long bytes, CancellationToken cancellationToken)
    {
        while (bytes > 0)
        {
            var read = await archive.ReadAsync(_skipped.AsMemory(0, (int)Math.Min(_skipped.Length, bytes)), cancellationToken);
            bytes -= read > 0 ? read : throw ArchiveException.Bad(CutShort);
        }
    }
}
