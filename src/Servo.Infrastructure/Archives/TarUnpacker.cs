using System.Formats.Tar;

namespace Servo.Infrastructure.Archives;

/// <summary>Unpacks a tar archive: regular files, folders and harmless links; anything else ends it.</summary>
internal static class TarUnpacker
{
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public static async Task UnpackAsync(Stream archive, bool endMarkerRequired, BundleWriter bundle, CancellationToken cancellationToken)
    {
        await using var headers = new TarHeaders(archive, endMarkerRequired);
        await using var reader = new TarReader(headers, leaveOpen: true);

        while (await headers.MoveToNextEntryAsync(cancellationToken))
            await AddAsync(await ReadEntryAsync(reader, cancellationToken), bundle, cancellationToken);
    }

    private static async ValueTask<TarEntry> ReadEntryAsync(TarReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.GetNextEntryAsync(copyData: false, cancellationToken) ?? throw RejectedArchiveException.Bad("a header is damaged");
        }
        catch (Exception exception) when (RejectedArchiveException.IsDamage(exception))
        {
            throw RejectedArchiveException.Bad($"a header is damaged: {exception.Message.TrimEnd('.')}");
        }
    }

    private static async ValueTask AddAsync(TarEntry entry, BundleWriter bundle, CancellationToken cancellationToken)
    {
        switch (entry.EntryType)
        {
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                await AddFileAsync(entry, bundle, cancellationToken);
                break;

            case TarEntryType.Directory:
                bundle.AddDirectory(entry.Name);
                break;

            case TarEntryType.SymbolicLink:
                bundle.AddSymbolicLink(entry.Name, entry.LinkName);
                break;

            case TarEntryType.HardLink:
                bundle.AddHardLink(entry.Name, entry.LinkName);
                break;

            case TarEntryType.BlockDevice or TarEntryType.CharacterDevice:
                throw RejectedArchiveException.Unsafe(entry.Name, "is a device");

            case TarEntryType.Fifo:
                throw RejectedArchiveException.Unsafe(entry.Name, "is a named pipe");

            default:
                throw RejectedArchiveException.Unsafe(entry.Name, $"is of the kind '{(char)entry.EntryType}', which is never made");
        }
    }

    private static async ValueTask AddFileAsync(TarEntry entry, BundleWriter bundle, CancellationToken cancellationToken)
    {
        if (entry is PaxTarEntry pax && pax.ExtendedAttributes.Keys.Any(key => key.StartsWith("GNU.sparse.", StringComparison.Ordinal)))
            throw RejectedArchiveException.Unsafe(entry.Name, "is a sparse file");

        // Before ustar, a folder was a file whose name ends in a slash.
        if (entry.Name.EndsWith('/') && entry.Length == 0)
        {
            bundle.AddDirectory(entry.Name);
            return;
        }

        var written = await bundle.AddFileAsync(entry.Name, (entry.Mode & AnyExecute) != 0, entry.DataStream ?? Stream.Null, cancellationToken);

        if (written != entry.Length)
            throw RejectedArchiveException.Bad("it is cut short");
    }
}
