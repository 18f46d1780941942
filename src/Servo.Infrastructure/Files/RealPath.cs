using Microsoft.Win32.SafeHandles;

namespace Servo.Infrastructure.Files;

/// <summary>Follows every link of a path, as the kernel does.</summary>
internal static class RealPath
{
    /// <summary>The path that no link is on; the path itself where nothing is there.</summary>
    public static string Of(string path)
    {
        using SafeFileHandle place = FileCalls.Open(path, FileCalls.PathOnly | FileCalls.CloseOnExec, 0);

        return place.IsInvalid
            ? Path.GetFullPath(path)
            : File.ResolveLinkTarget($"/proc/self/fd/{place.DangerousGetHandle()}", returnFinalTarget: false)!.FullName;
    }
}
