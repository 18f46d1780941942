using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Servo.Infrastructure.Files;

/// <summary>
/// The calls of Linux that take a folder's descriptor and a name of any bytes; .NET has only those that take a path of text. Where a structure of the C library
/// would differ between glibc and musl, or between processors, the system call itself is made: the kernel's structures are the same everywhere.
/// </summary>
internal static unsafe partial class FileCalls
{
    public const int ReadWrite = 2;
    public const int Create = 0x40;
    public const int Exclusive = 0x80;
    public const int Append = 0x400;
    public const int NonBlocking = 0x800;
    public const int CloseOnExec = 0x80000;
    public const int PathOnly = 0x200000;
    public const int RemoveFolder = 0x200;
    public const int LockExclusively = 2;
    public const int LockWithoutWaiting = 4;

    /// <summary>AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW: of the descriptor itself where the name is empty, else of a link and not of its target.</summary>
    public const int OfItself = 0x1000 | 0x100;

    private const int FromHere = -100; // AT_FDCWD

    private static readonly (int GetEntries, int GetStatus, int Directory, int NoFollow) _numbers = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => (217, 332, 0x10000, 0x20000),
        Architecture.Arm64 => (61, 291, 0x4000, 0x8000),
        Architecture.RiscV64 or Architecture.LoongArch64 => (61, 291, 0x10000, 0x20000),
        var other => throw new PlatformNotSupportedException($"Servo deletes by system calls whose numbers on {other} it does not know."),
    };

    /// <summary>The flags that open a folder and nothing else: no link to one either.</summary>
    public static int FolderOnly => _numbers.Directory | _numbers.NoFollow | CloseOnExec;

    /// <summary>The flag that opens a folder, and follows a link to it.</summary>
    public static int Folder => _numbers.Directory | CloseOnExec;

    /// <summary>The flag that opens no link.</summary>
    public static int NoFollow => _numbers.NoFollow | CloseOnExec;

    /// <summary>getdents64(2).</summary>
    public static nint ReadEntries(SafeFileHandle folder, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
            return SystemCall(_numbers.GetEntries, folder, start, buffer.Length, 0, null);
    }

    /// <summary>statx(2) with STATX_BASIC_STATS.</summary>
    public static bool ReadStatus(SafeFileHandle folder, ReadOnlySpan<byte> name, out Status status)
    {
        fixed (byte* start = name)
        fixed (Status* result = &status)
            return SystemCall(_numbers.GetStatus, folder, start, OfItself, 0x7ff, result) == 0;
    }

    /// <summary>The same of what a path names; of a link, not of what it leads to.</summary>
    public static bool ReadStatus(string path, out Status status)
    {
        fixed (byte* start = OpenFolder.Name(path))
        fixed (Status* result = &status)
            return SystemCall(_numbers.GetStatus, FromHere, start, OfItself, 0x7ff, result) == 0;
    }

    /// <summary>statfs(2), of which only the kind of file system is read: the first member of the structure in every C library on 64 bits.</summary>
    public static bool ReadFileSystem(SafeFileHandle file, out long kind)
    {
        var status = stackalloc long[64];
        var succeeded = FileSystemStatus(file, status) == 0;
        kind = *status;
        return succeeded;
    }

    [LibraryImport("libc", EntryPoint = "fstatfs", SetLastError = true)]
    private static partial int FileSystemStatus(SafeFileHandle file, long* status);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial SafeFileHandle Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    public static partial SafeFileHandle OpenAt(SafeFileHandle folder, ReadOnlySpan<byte> name, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true)]
    public static partial int MakeFolderAt(SafeFileHandle folder, ReadOnlySpan<byte> name, uint mode);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true)]
    public static partial int UnlinkAt(SafeFileHandle folder, ReadOnlySpan<byte> name, int flags);

    [LibraryImport("libc", EntryPoint = "renameat", SetLastError = true)]
    public static partial int RenameAt(SafeFileHandle folder, ReadOnlySpan<byte> name, SafeFileHandle newFolder, ReadOnlySpan<byte> newName);

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ChangeOwner(string path, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    public static partial int ChangeMode(SafeFileHandle file, uint mode);

    [LibraryImport("libc", EntryPoint = "chmod", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ChangeMode(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    public static partial nint Seek(SafeFileHandle file, nint offset, int origin);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    public static partial int Lock(SafeFileHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Sync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "readlink", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint ReadLink(string path, Span<byte> target, nint size);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Rename(string path, string newPath);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Link(string path, string newPath);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, SafeFileHandle folder, byte* second, nint third, nint fourth, void* fifth);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, int folder, byte* second, nint third, nint fourth, void* fifth);

    /// <summary>struct statx (linux/stat.h), as far as it is looked at.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    public struct Status
    {
        [FieldOffset(16)]
        public uint Links;

        [FieldOffset(20)]
        public uint User;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(48)]
        private readonly ulong _blocks;

        [FieldOffset(96)]
        private readonly long _changedSeconds;

        [FieldOffset(104)]
        private readonly uint _changedNanoseconds;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;

        /// <summary>The space that it takes on the disk, in bytes.</summary>
        public readonly long Space => (long)_blocks * 512;

        public readonly bool IsFolder => (Mode & 0xf000) == 0x4000;

        public readonly bool IsFile => (Mode & 0xf000) == 0x8000;

        /// <summary>When it, or of a folder an entry, was last changed (st_ctime).</summary>
        public readonly DateTime Changed =>
            DateTime.UnixEpoch.AddTicks((_changedSeconds * TimeSpan.TicksPerSecond) + (_changedNanoseconds / TimeSpan.NanosecondsPerTick));

        public readonly bool IsSameAs(Status other) => IsOnDeviceOf(other) && Inode == other.Inode;

        public readonly bool IsOnDeviceOf(Status other) => (DeviceMajor, DeviceMinor) == (other.DeviceMajor, other.DeviceMinor);
    }
}

/// <summary>The error numbers of Linux that are told apart; the same on all processors that .NET runs on.</summary>
internal static class Errno
{
    public const int NotPermitted = 1;
    public const int NoSuchEntry = 2;
    public const int TryAgain = 11;
    public const int AccessDenied = 13;
    public const int Busy = 16;
    public const int Exists = 17;
    public const int OtherDevice = 18;
    public const int NotAFolder = 20;
    public const int IsAFolder = 21;
    public const int TimedOut = 110;
    public const int NoSpaceLeft = 28;
    public const int QuotaExceeded = 122;
    public const int NotEmpty = 39;
    public const int IsALink = 40;
}
