namespace Servo.Infrastructure.Archives;

/// <summary>What an archive's first bytes say that it is; <see cref="Tar"/> and the compressed ones all hold a tar archive.</summary>
internal enum ArchiveFormat
{
    Tar,
    GZip,
    BZip2,
    Xz,
    ZStandard,
    Zip,
}

/// <summary>Tells formats by content.</summary>
internal static class ArchiveFormats
{
    /// <summary>Looks at the first bytes of an archive, a whole block where there is one; <see langword="null"/> for what no format starts with.</summary>
    public static ArchiveFormat? Detect(ReadOnlySpan<byte> start) => start switch
    {
        // First, since a tar archive starts with a file's name, and a name may start as any other format does.
        { Length: TarBlock.Size } when TarBlock.IsZero(start) || TarBlock.HasRightChecksum(start) => ArchiveFormat.Tar,
        [0x1f, 0x8b, ..] => ArchiveFormat.GZip,
        [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', ..] => ArchiveFormat.BZip2,
        [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, ..] => ArchiveFormat.Xz,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => ArchiveFormat.ZStandard,
        // A skippable frame, with which parallel compressors like to start.
        [>= 0x50 and <= 0x5f, 0x2a, 0x4d, 0x18, ..] => ArchiveFormat.ZStandard,
        // A local header, or the end record that is all there is of an empty archive (with 64-bit fields, or without).
        [(byte)'P', (byte)'K', 3, 4, ..] or [(byte)'P', (byte)'K', 5 or 6, 6, ..] => ArchiveFormat.Zip,
        _ => null,
    };
}
