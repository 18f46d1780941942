using System.Runtime.InteropServices;

namespace Servo.Infrastructure.Processes;

/// <summary>What the platform has no managed call for. Constants are those of Linux on x86-64 and arm64, with glibc and musl alike.</summary>
internal static unsafe partial class Libc
{
    public const int CloseOnExec = 0x80000; // O_CLOEXEC, SOCK_CLOEXEC
    public const int WriteOnly = 1; // O_WRONLY
    public const int Create = 0x40; // O_CREAT
    public const int Truncate = 0x200; // O_TRUNC
    public const uint OwnerOnly = 0x180; // 0600
    public const int Kill = 9;
    public const int Stop = 19;
    public const int Continue = 18;
    public const int NoHang = 1;
    public const int Executable = 1; // X_OK
    public const int Writable = 2; // W_OK
    public const int Readable = 4; // R_OK
    public const int ChildSubreaper = 36;
    public const int NoNewPrivileges = 38;
    public const int NoSuchProcess = 3;
    public const int Interrupted = 4;
    public const int TryAgain = 11;

    private const uint MemoryCloseOnExec = 1; // MFD_CLOEXEC
    private const int UnixFamily = 1;
    private const int StreamType = 1;
    private const int SocketLevel = 1;
    private const int Rights = 1;
    private const int NoSignal = 0x4000;

    /// <summary>Makes a pipe whose ends no child inherits: the first is read, the second written.</summary>
    public static (int Read, int Write) Pipe()
    {
        var ends = stackalloc int[2];
        return pipe2(ends, CloseOnExec) == 0 ? (ends[0], ends[1]) : throw Failure("pipe2");
    }

    /// <summary>Makes a file in memory that no child inherits.</summary>
    public static int MemoryFile(string name)
    {
        var descriptor = memfd_create(name, MemoryCloseOnExec);
        return descriptor >= 0 ? descriptor : throw Failure("memfd_create");
    }

    /// <summary>Makes two connected Unix stream sockets that no child inherits.</summary>
    public static (int Here, int There) SocketPair()
    {
        var ends = stackalloc int[2];
        return socketpair(UnixFamily, StreamType | CloseOnExec, 0, ends) == 0 ? (ends[0], ends[1]) : throw Failure("socketpair");
    }

    /// <summary>Sends a few bytes with a descriptor attached to the first (SCM_RIGHTS, unix(7)).</summary>
    public static void SendDescriptor(SafeHandle socket, ReadOnlySpan<byte> bytes, int descriptor)
    {
        // A cmsghdr: its length, level and kind, then the descriptor.
        var control = stackalloc byte[sizeof(nuint) * 3];
        *(nuint*)control = (nuint)sizeof(nuint) + (3 * sizeof(int));
        *(int*)(control + sizeof(nuint)) = SocketLevel;
        *(int*)(control + sizeof(nuint) + sizeof(int)) = Rights;
        *(int*)(control + sizeof(nuint) + (2 * sizeof(int))) = descriptor;

        fixed (byte* data = bytes)
        {
            var part = new IoVector { Base = data, Length = (nuint)bytes.Length };
            var message = new MessageHeader { Parts = &part, PartCount = 1, Control = control, ControlLength = (nuint)sizeof(nuint) * 3 };
            var sent = sendmsg(socket, &message, NoSignal);

            if (sent != bytes.Length)
                throw sent < 0 ? Failure("sendmsg") : new IOException("The other end of a control socket takes nothing in.");
        }
    }

    /// <summary>Waits until a child has ended, and leaves it to be collected; 0, or -1 where it is not one of ours.</summary>
    public static int WaitWithoutReaping(int child)
    {
        const int ById = 1; // P_PID
        const int Ended = 4; // WEXITED
        const int Leave = 0x1000000; // WNOWAIT
        var details = stackalloc byte[128]; // siginfo_t
        return waitid(ById, child, details, Ended | Leave);
    }

    /// <summary>How many bytes a pipe holds that can be read at once (FIONREAD, pipe(7)).</summary>
    public static int BytesToRead(SafeHandle pipe)
    {
        const nuint ToRead = 0x541B;
        int count;
        return ioctl(pipe, ToRead, &count) == 0 ? count : throw Failure("ioctl(FIONREAD)");
    }

    public static IOException Failure(string call) => new($"{call} failed: {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", SetLastError = true)]
    public static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int waitpid(int pid, out int status, int options);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int prctl(int option, nuint first, nuint second, nuint third, nuint fourth);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int close(int descriptor);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int access(string path, int mode);

    [LibraryImport("libc")]
    public static partial int posix_spawn(int* pid, byte* path, void* actions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_init(void* actions);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_destroy(void* actions);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_adddup2(void* actions, int from, int to);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_addopen(void* actions, int descriptor, byte* path, int flags, uint mode);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_init(void* attributes);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_destroy(void* attributes);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setflags(void* attributes, short flags);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setsigdefault(void* attributes, void* signals);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setsigmask(void* attributes, void* signals);

    [LibraryImport("libc")]
    public static partial int sigfillset(void* signals);

    [LibraryImport("libc")]
    public static partial int sigemptyset(void* signals);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int memfd_create(string name, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int pipe2(int* ends, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socketpair(int family, int type, int protocol, int* ends);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(SafeHandle descriptor, nuint request, int* result);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int waitid(int kind, int id, void* details, int options);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint sendmsg(SafeHandle socket, MessageHeader* message, int flags);

    [StructLayout(LayoutKind.Sequential)]
    private struct IoVector
    {
        public byte* Base;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Parts;
        public nuint PartCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }
}
