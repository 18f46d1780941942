using System.Text;

namespace Servo.Infrastructure.Files;

/// <summary>Follows every link of a path, as the kernel does.</summary>
internal static class RealPath
{
    private const int Longest = 4096; // PATH_MAX

    /// <summary>The path that no link is on; the path itself where nothing is there.</summary>
    public static string Of(string path)
    {
        using var place = FileCalls.Open(path, FileCalls.PathOnly | FileCalls.CloseOnExec, 0);
        Span<byte> real = stackalloc byte[Longest];
        var length = place.IsInvalid ? 0 : (int)FileCalls.ReadLink($"/proc/self/fd/{place.DangerousGetHandle()}", real, Longest);
        return length > 0 ? Encoding.UTF8.GetString(real[..length]) : Path.GetFullPath(path);
    }
}
