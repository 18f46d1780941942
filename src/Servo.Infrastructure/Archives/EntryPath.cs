using System.Text;
using Servo.Domain;

namespace Servo.Infrastructure.Archives;

/// <summary>The path that an entry of an archive has inside the bundle.</summary>
internal static class EntryPath
{
    // NAME_MAX and PATH_MAX - 1 of Linux, in bytes.
    private const int MaxPartBytes = 255;
    private const int MaxPathBytes = 4095;

    /// <summary>The path for an entry's name, empty for the bundle itself; throws for a name that leads outside or that no file can have.</summary>
    public static string Of(string name, string root)
    {
        if (BundlePath.Normalize(name) is not { } path)
            throw ArchiveException.Unsafe(
                name,
                name.Contains('\0') ? "has a NUL in its name" : name.StartsWith('/') ? "is an absolute path" : "leads outside the bundle");

        // Decoders put this character where bytes are not UTF-8, so that two names may become one.
        if (path.Contains('\ufffd'))
            throw ArchiveException.Unsafe(name, "has a name that is not UTF-8");

        if (Encoding.UTF8.GetByteCount(root) + 1 + Encoding.UTF8.GetByteCount(path) > MaxPathBytes)
            throw ArchiveException.Unsafe(name, $"has a path of more than {MaxPathBytes} bytes");

        // No byte count exceeds three times the count of UTF-16 units, so that ordinary names need no counting.
        if (path.Length > MaxPartBytes / 3 && path.Split('/').Any(part => Encoding.UTF8.GetByteCount(part) > MaxPartBytes))
            throw ArchiveException.Unsafe(name, $"has a name of more than {MaxPartBytes} bytes");

        return path;
    }

    /// <summary>The folder that a path lies in; empty for the bundle itself.</summary>
    public static string Parent(string path) => path.LastIndexOf('/') is >= 0 and var slash ? path[..slash] : "";
}
