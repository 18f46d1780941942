using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Servo.AspNetCore.Connections;

/// <summary>How many files, sockets and pipes this process may have open at the same time.</summary>
internal static partial class OpenFileLimit
{
    private const int NoFile = 7;

    /// <summary>Reads the soft limit (getrlimit(2), RLIMIT_NOFILE), which the runtime has raised to the hard one before the program began.</summary>
    /// <exception cref="Win32Exception">The kernel refused.</exception>
    public static int Read()
    {
        if (GetLimit(NoFile, out var limit) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "The limit of open files could not be read");

        return (int)Math.Min(limit.Soft, 1 << 30);
    }

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static partial int GetLimit(int resource, out Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Limit
    {
        public readonly ulong Soft;
        public readonly ulong Hard;
    }
}
