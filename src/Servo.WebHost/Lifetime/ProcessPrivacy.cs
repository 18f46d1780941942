using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Servo.WebHost.Lifetime;

/// <summary>
/// Closes this process to others of its own user: scripts run as that user, and could otherwise read the tokens from its environment
/// (/proc/PID/environ) or its memory. Does not hold against root.
/// </summary>
internal static partial class ProcessPrivacy
{
    private const int SetDumpable = 4;

    /// <summary>Makes the process undumpable (prctl(2), PR_SET_DUMPABLE).</summary>
    /// <exception cref="Win32Exception">The kernel refused.</exception>
    public static void Enable()
    {
        if (Control(SetDumpable, 0, 0, 0, 0) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "The host could not be closed to other processes of its user");
    }

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Control(int option, nuint first, nuint second, nuint third, nuint fourth);
}
