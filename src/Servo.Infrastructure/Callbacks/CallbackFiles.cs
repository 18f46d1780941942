using System.ComponentModel;
using System.Runtime.InteropServices;
using Servo.Application.Callbacks;
using Servo.Infrastructure.Workspaces;

namespace Servo.Infrastructure.Callbacks;

/// <summary>Identities by statx(2), and places by link(2) and renameat2(2), which check and act in one step; .NET looks first and then renames.</summary>
internal sealed partial class CallbackFiles(RunUsers? users = null) : ICallbackFiles
{
    private const int WorkingDirectory = -100; // AT_FDCWD
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const uint NumberAndBirth = 0x100 | 0x800; // STATX_INO | STATX_BTIME
    private const uint Exchange = 2; // RENAME_EXCHANGE
    private const int Exists = 17; // EEXIST

    public FileIdentity? Identify(string path) => Identify(path, flags: 0);

    public bool TryPlace(string arrived, string path)
    {
        users?.GiveFile(arrived);

        if (Link(arrived, path) == 0)
            return true;

        var error = Marshal.GetLastPInvokeError();
        return error == Exists ? false : throw new IOException($"The callback's file could not be given the name '{path}'.", new Win32Exception(error));
    }

    public bool TryReplace(string arrived, string path, FileIdentity expected)
    {
        // A file system without an exchange keeps what it has: replaced by anything else, a script's own file could be lost between a look and a rename.
        if (Identify(path, NoFollow) != expected || Rename(WorkingDirectory, arrived, WorkingDirectory, path, Exchange) != 0)
            return false;

        if (Identify(arrived, NoFollow) == expected)
            return true;

        // A script put a file of its own there after the look: it gets it back.
        _ = Rename(WorkingDirectory, arrived, WorkingDirectory, path, Exchange);
        return false;
    }

    private static FileIdentity? Identify(string path, int flags) =>
        Status(WorkingDirectory, path, flags, NumberAndBirth, out var found) == 0
            ? new FileIdentity((ulong)found.DeviceMajor << 32 | found.DeviceMinor, found.Number, found.BirthSeconds, found.BirthNanoseconds)
            : null;

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(int directory, string path, int flags, uint mask, out FileStatus status);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string from, string to);

    [LibraryImport("libc", EntryPoint = "renameat2", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Rename(int fromDirectory, string from, int toDirectory, string to, uint flags);

    /// <summary><c>struct statx</c>, whose fields have the same offsets on every architecture; a birth that the file system does not know is zero.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct FileStatus
    {
        [FieldOffset(32)]
        public ulong Number;

        [FieldOffset(80)]
        public long BirthSeconds;

        [FieldOffset(88)]
        public uint BirthNanoseconds;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
