using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Servo.Client.Bundles;

/// <summary>System calls that .NET does not offer on every target.</summary>
internal static class Unix
{
    public const int ExecuteAccess = 1;

    public const int FromCurrent = 1;

    /// <summary>Whether this is Mono, whose streams take no descriptor.</summary>
    public static bool IsMono { get; } = Type.GetType("Mono.Runtime") is not null;

    /// <summary>O_NONBLOCK and O_CLOEXEC of this system; <see langword="null"/> if they are unknown.</summary>
    public static (int NonBlocking, int CloseOnExec)? Flags { get; } =
        RuntimeInformation.IsOSPlatform(OSPlatform.Linux) ? (0x800, 0x80000)
        : RuntimeInformation.IsOSPlatform(OSPlatform.OSX) ? (0x4, 0x1000000)
        : RuntimeInformation.IsOSPlatform(OSPlatform.Create("FREEBSD")) ? (0x4, 0x100000)
        : null;

    /// <summary>A path as the system expects it.</summary>
    public static byte[] Bytes(string path) => Encoding.UTF8.GetBytes(path + "\0");

    public static SafeFileHandle Handle(int descriptor) => new((IntPtr)descriptor, ownsHandle: true);

    [DllImport("libc", EntryPoint = "open")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int Close(int descriptor);

    [DllImport("libc", EntryPoint = "lseek")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern IntPtr Seek(int descriptor, IntPtr offset, int whence);

    [DllImport("libc", EntryPoint = "mkostemp")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int MakeTemporary(byte[] template, int flags);

    [DllImport("libc", EntryPoint = "access")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int Access(byte[] path, int mode);

    [DllImport("libc", EntryPoint = "readlink")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern IntPtr ReadLink(byte[] path, byte[] target, IntPtr size);
}
