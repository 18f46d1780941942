using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Servo.Infrastructure.Processes;

namespace Servo.Infrastructure.Sandboxing;

/// <summary>
/// The filter of system calls (seccomp(2)) of <see cref="Application.Scripts.ScriptSandbox.Strict"/>: what it refuses is of no use to a deployment, but
/// has been the way out of many sandboxes, or past Landlock's rules.
/// </summary>
internal static class CallFilter
{
    private const int SetFilter = 22; // PR_SET_SECCOMP
    private const int FilterMode = 2; // SECCOMP_MODE_FILTER
    private const int BadAddress = 14; // EFAULT

    private const uint NotPermitted = 1; // EPERM
    private const uint NoSuchCall = 38; // ENOSYS
    private const uint NoSuchProtocol = 93; // EPROTONOSUPPORT
    private const uint NotSupported = 95; // EOPNOTSUPP
    private const uint NoSuchFamily = 97; // EAFNOSUPPORT

    private const uint NewNamespaces = 0x7e020000; // CLONE_NEWNS and the six other kinds
    private const uint FastOpen = 0x20000000; // MSG_FASTOPEN

    private const uint Clone3 = 435;

    // Address families and types of sockets.
    private const uint Unix = 1;
    private const uint Internet = 2;
    private const uint Internet6 = 10;
    private const uint Netlink = 16;
    private const uint Stream = 1;
    private const uint Datagram = 2;
    private const uint TypeMask = 0xf;

    // Whose priority is changed: that of a process, a group or a user.
    private const uint OfUser = 2; // PRIO_USER
    private const uint OfUserForDisks = 3; // IOPRIO_WHO_USER

    private const uint PushInput = 0x5412; // TIOCSTI
    private const uint ConsoleControl = 0x541c; // TIOCLINUX

    private static readonly Lazy<byte[]> _program = new(() => Build(SystemCalls.OfThisProcessor!));

    /// <summary>Whether the kernel takes filters, on a processor whose calls are known here.</summary>
    public static bool IsAvailable { get; } =
        SystemCalls.OfThisProcessor is not null
        && Libc.prctl(SetFilter, FilterMode, 0, 0, 0) != 0
        && Marshal.GetLastPInvokeError() == BadAddress;

    /// <summary>The filter as a file in memory, as prctl(2) takes it: an array of struct sock_filter.</summary>
    /// <exception cref="IOException">The kernel has no memory left.</exception>
    public static SafeFileHandle MakeFile() => MakeFile(_program.Value);

    /// <summary>
    /// A filter for scripts that have no other: clone3(2) takes a process that it makes to any cgroup that its user may change, whatever Landlock says
    /// (CLONE_INTO_CGROUP). The C library falls back to clone.
    /// </summary>
    /// <exception cref="IOException">The kernel has no memory left.</exception>
    public static SafeFileHandle MakeFileAgainstLeaving() => MakeFile(FilterProgram.Refusing(Clone3, NoSuchCall));

    private static SafeFileHandle MakeFile(byte[] program)
    {
        var file = new SafeFileHandle(Libc.MemoryFile("servo-calls"), ownsHandle: true);
        RandomAccess.Write(file, program, 0);
        return file;
    }

    private static byte[] Build(SystemCalls calls)
    {
        var filter = new FilterProgram(calls.Architecture);

        if (calls.ForeignFrom is { } first)
            filter.RefuseFrom(first, NoSuchCall);

        foreach (var name in SystemCalls.Refused)
            filter.Refuse(calls[name], NotPermitted);

        // Its flags are in memory, where a filter does not look; the C library falls back to clone.
        filter.Refuse(calls["clone3"], NoSuchCall);
        filter.RefuseAny(calls["clone"], argument: 0, bits: NewNamespaces, NotPermitted);

        // Landlock sees no connection but those of TCP: what carries a stream otherwise, or packets made by hand, would go past its rules.
        filter.RefuseUnless(calls["socket"], argument: 0, [Unix, Internet, Internet6, Netlink], NoSuchFamily);
        filter.RefuseUnless(calls["socket"], argument: 1, [Stream, Datagram], NotPermitted, TypeMask, except: (0, [Unix, Netlink]));
        filter.RefuseUnless(calls["socket"], argument: 2, [0, 1, 6, 17, 58], NoSuchProtocol, except: (0, [Unix, Netlink]));
        filter.RefuseAny(calls["sendto"], argument: 3, bits: FastOpen, NotSupported);
        filter.RefuseAny(calls["sendmsg"], argument: 2, bits: FastOpen, NotSupported);
        filter.RefuseAny(calls["sendmmsg"], argument: 3, bits: FastOpen, NotSupported);

        // Of another process, which Landlock does not look at.
        foreach (var name in SystemCalls.OfOneProcess)
            filter.RefuseUnless(calls[name], argument: 0, [0], NotPermitted);

        filter.RefuseUnless(calls["setpriority"], argument: 1, [0], NotPermitted);
        filter.RefuseIf(calls["setpriority"], argument: 0, OfUser, NotPermitted);
        filter.RefuseUnless(calls["ioprio_set"], argument: 1, [0], NotPermitted);
        filter.RefuseIf(calls["ioprio_set"], argument: 0, OfUserForDisks, NotPermitted);

        // What is typed on a terminal that others read.
        filter.RefuseIf(calls["ioctl"], argument: 1, PushInput, NotPermitted);
        filter.RefuseIf(calls["ioctl"], argument: 1, ConsoleControl, NotPermitted);

        return filter.Build();
    }
}
