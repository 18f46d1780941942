using System.Runtime.InteropServices;

namespace Servo.WebHost.Lifetime;

/// <summary>
/// Refuses to start under a limit of open files that does not even hold the program's own parts, each of which is a file: past the limit the runtime aborts the
/// process (134) wherever it happens to be. Needs no other part, not even the console.
/// </summary>
internal static unsafe partial class LeastOpenFiles
{
    /// <summary>What reading the settings takes, which say how many files are needed in all.</summary>
    private const ulong Least = 256;

    private const int NoFile = 7;
    private const int StandardError = 2;

    /// <summary>Whether the limit is too small, which is then told on standard error.</summary>
    public static bool AreMissing()
    {
        var limits = stackalloc ulong[2];

        if (GetLimit(NoFile, limits) != 0 || limits[0] >= Least)
            return false;

        var sentence = $"Servo cannot start: RLIMIT_NOFILE is {limits[0]}, too few open files for the program itself. "
            + "Raise it to 4096 or more (ulimit -n, LimitNOFILE= of systemd, --ulimit nofile= of Docker).\n";
        var bytes = stackalloc byte[sentence.Length];

        for (var i = 0; i < sentence.Length; i++)
            bytes[i] = (byte)sentence[i];

        _ = Write(StandardError, bytes, (nuint)sentence.Length);
        return true;
    }

    // Neither out parameters nor errors: what would marshal them is one more file.
    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, ulong* limits);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int descriptor, byte* bytes, nuint count);
}
