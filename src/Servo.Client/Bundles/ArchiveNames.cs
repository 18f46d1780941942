using System.IO.Compression;
using Servo.Bundles;

namespace Servo.Client.Bundles;

/// <summary>Reads the names of the files in an archive lazily.</summary>
internal static class ArchiveNames
{
    private const int BufferSize = 128 * 1024;

    private static readonly ZipNames s_zipNames = new();

    /// <summary>
    /// Throws <see cref="InvalidDataException"/>, possibly after some names, where the archive is of another format than tar, tar.gz and
    /// zip, or damaged.
    /// </summary>
    public static IEnumerable<string> Read(Stream archive, CancellationToken cancellationToken)
    {
        var magic = new byte[4];
        var read = archive.Read(magic, 0, magic.Length);
        archive.Position = 0;

        if (read == magic.Length && magic[0] == 'P' && magic[1] == 'K' && magic[2] == magic[3] - 1 && (magic[2] is 3 or 5))
            return ReadZip(archive);

        return magic[0] == 0x1F && magic[1] == 0x8B
            ? TarNames.Read(
                new BufferedStream(new GZipStream(new BufferedStream(archive, BufferSize), CompressionMode.Decompress), BufferSize),
                cancellationToken)
            : TarNames.Read(new BufferedStream(archive, BufferSize), cancellationToken);
    }

    private static IEnumerable<string> ReadZip(Stream archive)
    {
        using var zip = new ZipArchive(archive, ZipArchiveMode.Read, leaveOpen: true, s_zipNames);

        // Some write backslashes between folders, and folders end with a slash.
        foreach (var entry in zip.Entries)
        {
            if (!entry.FullName.EndsWith("/", StringComparison.Ordinal))
                yield return entry.FullName;
        }
    }
}
