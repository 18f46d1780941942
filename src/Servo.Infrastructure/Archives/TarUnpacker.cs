namespace Servo.Infrastructure.Archives;

/// <summary>Unpacks a tar archive: regular files, folders and harmless links; anything else ends it.</summary>
internal static class TarUnpacker
{
    // Of owner, group and others.
    private const int AnyExecute = 0x49;

    public static async Task UnpackAsync(Stream archive, BundleWriter bundle, CancellationToken cancellationToken)
    {
        await using var entries = new TarEntries(archive);

        while (await entries.ReadEntryAsync(cancellationToken) is { } entry)
            await AddAsync(entry, entries, bundle, cancellationToken);
    }

    private static async ValueTask AddAsync(TarEntry entry, Stream data, BundleWriter bundle, CancellationToken cancellationToken)
    {
        switch (entry.Type)
        {
            case 'S' or '0' when entry.IsSparse:
                throw ArchiveException.Unsafe(entry.Name, "is a sparse file");

            case '0':
                if (await bundle.AddFileAsync(entry.Name, (entry.Mode & AnyExecute) != 0, data, cancellationToken) != entry.Size)
                    throw ArchiveException.Bad("it is cut short");
                break;

            // GNU tar's folders of incremental backups have data: the names that were in them.
            case '5' or 'D':
                bundle.AddDirectory(entry.Name);
                break;

            case '2':
                bundle.AddSymbolicLink(entry.Name, entry.Target);
                break;

            case '1':
                await bundle.AddHardLinkAsync(entry.Name, entry.Target, cancellationToken);
                break;

            case 'V':
                // The label of a volume (tar --label).
                bundle.SkipEntry();
                break;

            case '3' or '4':
                throw ArchiveException.Unsafe(entry.Name, "is a device");

            case '6':
                throw ArchiveException.Unsafe(entry.Name, "is a named pipe");

            case 'M':
                throw ArchiveException.Unsafe(entry.Name, "goes on from another volume, and an archive of several volumes is not read");

            default:
                throw ArchiveException.Unsafe(entry.Name, $"is of the kind '{entry.Type}', which is never made");
        }
    }
}
