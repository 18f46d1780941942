using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Servo.Infrastructure.Files;
using Servo.Infrastructure.Processes;

namespace Servo.Infrastructure.Sandboxing;

/// <summary>
/// The kernel's Landlock (landlock(7)): a process gives up rights that no process below it gets back. The C library has no functions for it.
/// </summary>
internal static unsafe partial class Landlock
{
    /// <summary>The oldest version of use: before it files cannot be moved between folders, which scripts do.</summary>
    public const int LeastVersion = 2;

    /// <summary>The version from which on signals and abstract sockets are confined.</summary>
    public const int Scopes = 6;

    /// <summary>The version from which on connections by TCP are confined.</summary>
    public const int Connections = 4;

    private const ulong ConnectByTcp = 1 << 1;
    private const nint Port = 2;
    private const nint Create = 444; // these numbers are the same on every architecture
    private const nint AddRule = 445;
    private const nint RestrictSelf = 446;
    private const uint AskVersion = 1;
    private const nint PathBeneath = 1;

    /// <summary>The version of the kernel's interface; 0 where there is none or a filter keeps any of it shut.</summary>
    public static int Version { get; } = CanEnter() ? (int)CreateRuleset(Create, null, 0, AskVersion) : 0;

    /// <summary>
    /// Makes a ruleset that denies signals to others, abstract sockets of others and, as asked for, rights over files and connections by TCP.
    /// </summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static SafeFileHandle MakeRuleset(int version, bool deniesFiles, bool deniesConnections)
    {
        var attributes = stackalloc ulong[3] { deniesFiles ? FileRights.All(version) : 0, deniesConnections ? ConnectByTcp : 0, version >= Scopes ? 3UL : 0 };
        var descriptor = CreateRuleset(Create, attributes, 3 * sizeof(ulong), 0);

        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw new IOException($"No sandbox can be made: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>Allows rights over a file, or over a folder and all beneath it; says whether the kernel took that.</summary>
    public static bool TryAllow(SafeFileHandle ruleset, SafeFileHandle place, ulong rights)
    {
        // struct landlock_path_beneath_attr, which is packed.
        var rule = stackalloc byte[sizeof(ulong) + sizeof(int)];
        *(ulong*)rule = rights;
        *(int*)(rule + sizeof(ulong)) = (int)place.DangerousGetHandle();
        return AddAnyRule(AddRule, ruleset, PathBeneath, rule, 0) == 0;
    }

    /// <summary>Allows connections by TCP to a port, of whatever address.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static void AllowConnections(SafeFileHandle ruleset, ushort port)
    {
        // struct landlock_net_port_attr.
        var rule = stackalloc ulong[2] { ConnectByTcp, port };

        if (AddAnyRule(AddRule, ruleset, Port, (byte*)rule, 0) != 0)
            throw new IOException($"Port {port} cannot be allowed: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>Tries all of it in a thread that ends with that, with rules that deny nothing.</summary>
    private static bool CanEnter()
    {
        var can = false;
        var thread = new Thread(() => can = TryEnter());
        thread.Start();
        thread.Join();
        return can;
    }

    private static bool TryEnter()
    {
        var rights = FileRights.Devices;
        using var ruleset = new SafeFileHandle(CreateRuleset(Create, &rights, sizeof(ulong), 0), ownsHandle: true);
        using var everything = FileCalls.Open("/", FileCalls.PathOnly | FileCalls.CloseOnExec, 0);

        return !ruleset.IsInvalid
            && TryAllow(ruleset, everything, rights)
            && Libc.prctl(Libc.NoNewPrivileges, 1, 0, 0, 0) == 0
            && Enter(RestrictSelf, ruleset, 0) == 0;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Enter(nint number, SafeFileHandle ruleset, uint flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint CreateRuleset(nint number, ulong* attributes, nint size, uint flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint AddAnyRule(nint number, SafeFileHandle ruleset, nint kind, byte* rule, uint flags);
}
