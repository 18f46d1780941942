namespace Servo.Infrastructure.Runs;

/// <summary>Knows file systems that other machines may write at the same time, by the magic numbers of statfs(2).</summary>
internal static class NetworkFileSystem
{
    /// <summary>The name of a network file system; <see langword="null"/> for any other kind.</summary>
    public static string? NameOf(long kind) => (kind & 0xffff_ffff) switch
    {
        0x6969 => "NFS",
        0x517b or 0xfe53_4d42 or 0xff53_4d42 => "SMB",
        0x0102_1997 => "9P",
        0x5346_414f or 0x6b41_4653 => "AFS",
        0x00c3_6400 => "Ceph",
        0x7375_7245 => "Coda",
        0x0116_1970 => "GFS2",
        0x4750_4653 => "GPFS",
        0x0bd0_0bd0 => "Lustre",
        0x564c => "NCP",
        0x7461_636f => "OCFS2",
        0x1983_0326 => "BeeGFS",
        _ => null,
    };
}
