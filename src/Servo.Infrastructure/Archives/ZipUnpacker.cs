using SharpCompress.Archives;
using SharpCompress.Archives.Zip;
using SharpCompress.Common;
using SharpCompress.Crypto;
using SharpCompress.Readers;

namespace Servo.Infrastructure.Archives;

/// <summary>Unpacks a zip archive by its central directory, which alone is believed: what lies between its members is never looked at.</summary>
internal static class ZipUnpacker
{
    private const int MaxLinkBytes = 4095;
    private const int TypeMask = 0xf000;
    private const int AnyExecute = 0x49;

    private static readonly ReaderOptions s_options = new()
    {
        LeaveStreamOpen = true,
        Providers = Decompressor.Providers,
        ArchiveEncoding = new ArchiveEncoding { Default = ZipDirectory.Names },
    };

    public static async Task UnpackAsync(Stream file, BundleWriter bundle, CancellationToken cancellationToken)
    {
        var (stated, start, end) = await ZipEnd.ReadAsync(file, cancellationToken);
        var directory = new ZipDirectory(file, start);
        file.Position = 0;
        var count = 0L;

        using var archive = Undamaged(() => ZipArchive.OpenArchive(new SeekGuard(file, end), s_options));
        using var entries = Undamaged(() => archive.Entries.GetEnumerator());

        while (Undamaged(entries.MoveNext))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await AddAsync(directory.ReadName(), entries.Current, bundle, cancellationToken);
            count++;
        }

        if (count != stated)
            throw ArchiveException.Bad($"its central directory lists {count} of {stated} entries");
    }

    private static async ValueTask AddAsync(string name, IArchiveEntry entry, BundleWriter bundle, CancellationToken cancellationToken)
    {
        // Old Windows programs write backslashes, against the specification; as separators they meet the rules for separators.
        name = name.Replace('\\', '/');

        if (name is [var drive, ':', '/', ..] && char.IsAsciiLetter(drive))
            throw ArchiveException.Unsafe(name, "is an absolute path");

        if (entry.IsEncrypted)
            throw ArchiveException.Bad($"the entry '{name}' is encrypted with a password");

        // The upper half holds the mode in archives made on Unix and is zero in others.
        var mode = (entry.Attrib ?? 0) >> 16;

        switch (mode & TypeMask)
        {
            case var _ when entry.IsDirectory || name.EndsWith('/'):
            case 0x4000:
                bundle.AddDirectory(name);
                break;

            case 0 or 0x8000:
                await using (var content = Open(name, entry))
                    await bundle.AddFileAsync(name, (mode & AnyExecute) != 0, content, cancellationToken);
                break;

            case 0xa000:
                bundle.AddSymbolicLink(name, await ReadLinkAsync(name, entry, cancellationToken));
                break;

            case 0x1000:
                throw ArchiveException.Unsafe(name, "is a named pipe");

            default:
                throw ArchiveException.Unsafe(name, "is a device");
        }
    }

    private static DecodedStream Open(string name, IArchiveEntry entry)
    {
        // Once opened, an entry tells what its local header says.
        var (type, size, stated) = (entry.CompressionType, entry.Size, (uint)entry.Crc);

        if (type != CompressionType.None && Decompressor.Providers.GetProvider(type) is null)
            throw ArchiveException.Bad($"the entry '{name}' is compressed by a method other than deflate, bzip2 and Zstandard");

        var checksum = new Crc32Stream(Stream.Null);

        return new DecodedStream(
            entry.OpenEntryStream,
            onRead: checksum.Write,
            atEnd: total =>
            {
                if (total != size || checksum.Crc != stated)
                    throw ArchiveException.Bad($"the entry '{name}' is damaged: its size or its checksum is wrong");
            });
    }

    private static async ValueTask<string> ReadLinkAsync(string name, IArchiveEntry entry, CancellationToken cancellationToken)
    {
        var target = new byte[MaxLinkBytes + 1];
        await using var content = Open(name, entry);
        var length = await content.ReadAtLeastAsync(target, target.Length, throwOnEndOfStream: false, cancellationToken);

        return length <= MaxLinkBytes
            ? ZipDirectory.Names.GetString(target, 0, length)
            : throw ArchiveException.Unsafe(name, "is a link to more than a path");
    }

    private static T Undamaged<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (ArchiveException.IsDamage(exception))
        {
            throw ArchiveException.Bad("its central directory is damaged");
        }
    }
}
