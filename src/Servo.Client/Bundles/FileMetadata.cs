#if NETSTANDARD
using System.Text;
#endif

namespace Servo.Client.Bundles;

/// <summary>The metadata of a file that a bundle keeps.</summary>
internal static class FileMetadata
{
#if NETSTANDARD
    private static readonly bool s_isWindows = Path.DirectorySeparatorChar == '\\';

    /// <summary>Whether its owner may execute it, as far as this user can tell; on Windows nothing can be executed.</summary>
    public static bool IsExecutable(FileSystemInfo file) => !s_isWindows && Unix.Access(Unix.Bytes(file.FullName), Unix.ExecuteAccess) == 0;

    /// <summary>The target of a symbolic link; <see langword="null"/> for anything else.</summary>
    public static string? LinkTarget(FileSystemInfo found)
    {
        // -1 is what .NET finds of a file whose name it cannot write.
        if ((int)found.Attributes == -1 || (found.Attributes & FileAttributes.ReparsePoint) == 0)
            return null;

        if (s_isWindows)
            throw new BundleException(
                BundleError.InvalidLink,
                $"The link '{found.FullName}' cannot be read on .NET Framework. Replace it with a copy, or exclude it.")
            {
                Hint = BundleException.Without,
            };

        var target = new byte[4096];
        var length = (int)Unix.ReadLink(Unix.Bytes(found.FullName), target, (IntPtr)target.Length);

        return length < 0
            ? throw ReadableFile.Unreadable(found.FullName, new IOException("its target is unknown"))
            : Encoding.UTF8.GetString(target, 0, length);
    }
#else
    /// <summary>Whether its owner may execute it; on Windows nothing can be executed.</summary>
    public static bool IsExecutable(FileSystemInfo file)
    {
        if (OperatingSystem.IsWindows())
            return false;

        var mode = file.LinkTarget is null ? file.UnixFileMode : File.GetUnixFileMode(file.FullName);

        return (mode & UnixFileMode.UserExecute) != 0;
    }

    /// <summary>The target of a symbolic link; <see langword="null"/> for anything else.</summary>
    public static string? LinkTarget(FileSystemInfo found) =>
        (found.Attributes & FileAttributes.ReparsePoint) == 0
            ? null
            : OperatingSystem.IsWindows() ? found.LinkTarget?.Replace('\\', '/') : found.LinkTarget;
#endif
}
