using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Servo.Infrastructure.Files;

/// <summary>Follows every link of a path, as the kernel does.</summary>
internal static class RealPath
{
    private const int Longest = 4096; // PATH_MAX

    /// <summary>The path that no link is on; the path itself where nothing is there.</summary>
    public static string Of(string path)
    {
        using var place = FileCalls.Open(path, FileCalls.PathOnly | FileCalls.CloseOnExec, 0);
        return (place.IsInvalid ? null : Of(place)) ?? Path.GetFullPath(path);
    }

    /// <summary>Whether a path is a folder's or lies below it; both are absolute and without links.</summary>
    public static bool IsWithin(string path, string folder) =>
        path == folder || path.StartsWith(Path.TrimEndingDirectorySeparator(folder) + "/", StringComparison.Ordinal);

    /// <summary>The path of what a descriptor stands for; <see langword="null"/> where the kernel does not say.</summary>
    public static string? Of(SafeFileHandle place)
    {
        Span<byte> real = stackalloc byte[Longest];
        var length = (int)FileCalls.ReadLink($"/proc/self/fd/{place.DangerousGetHandle()}", real, Longest);
        return length > 0 ? Encoding.UTF8.GetString(real[..length]) : null;
    }
}
