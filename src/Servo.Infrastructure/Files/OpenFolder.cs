using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Servo.Infrastructure.Files;

/// <summary>
/// A folder by its descriptor. What lies in it is named by raw bytes: no path is too long, no name is unreadable, no link is followed, and
/// whoever moves the folder, or puts a link in its place, changes nothing of what this reaches. Calls return an error number, 0 for success,
/// where a caller goes on by the kind of failure.
/// </summary>
internal sealed class OpenFolder : IDisposable
{
    private const uint OwnerOnly = 0x1c0; // 0700

    private readonly SafeFileHandle _handle;

    private OpenFolder(SafeFileHandle handle) => _handle = handle;

    /// <summary>
    /// Opens a folder by a path that the operator chose; links on the way are followed. One that may be written but not read is opened, but
    /// cannot be listed.
    /// </summary>
    /// <exception cref="IOException">It does not exist or is not a folder.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be reached.</exception>
    public static OpenFolder AtPath(string path)
    {
        var handle = FileCalls.Open(path, FileCalls.Folder, 0);

        if (handle.IsInvalid && LastError == Errno.AccessDenied)
            handle = FileCalls.Open(path, FileCalls.Folder | FileCalls.PathOnly, 0);

        return handle.IsInvalid ? throw Failure(LastError, path) : new OpenFolder(handle);
    }

    /// <summary>A name as Linux takes it: its bytes and a zero.</summary>
    public static byte[] Name(string name) => Encoding.UTF8.GetBytes(name + '\0');

    /// <summary>Makes a new folder, mode 0700.</summary>
    /// <exception cref="IOException">It could not be made, or something of that name exists.</exception>
    /// <exception cref="UnauthorizedAccessException">This folder may not be written.</exception>
    public void Make(string path)
    {
        if (FileCalls.MakeFolderAt(_handle, Name(Path.GetFileName(path)), OwnerOnly) != 0)
            throw Failure(LastError, path);
    }

    /// <summary>Makes a new folder and opens it; see <see cref="Make"/>.</summary>
    public OpenFolder MakeAndOpen(string path)
    {
        Make(path);
        return TryOpen(Name(Path.GetFileName(path)), out var made) is var error and not 0 ? throw Failure(error, path) : made!;
    }

    /// <summary>Opens a folder in this one, also one whose mode shuts its owner out.</summary>
    public int TryOpen(ReadOnlySpan<byte> name, out OpenFolder? folder)
    {
        var error = TryOpen(_handle, name, FileCalls.FolderOnly, out folder);
        return error == Errno.AccessDenied ? TryOpenShut(name, out folder) : error;
    }

    /// <summary>
    /// Opens a folder in this one and changes no mode for that: one that may be passed but not read is opened, but cannot be listed.
    /// <see langword="null"/> where there is none.
    /// </summary>
    public OpenFolder? OpenAsItIs(ReadOnlySpan<byte> name) =>
        TryOpen(_handle, name, FileCalls.FolderOnly, out var folder) == 0
            || TryOpen(_handle, name, FileCalls.FolderOnly | FileCalls.PathOnly, out folder) == 0 ? folder : null;

    /// <summary>A descriptor that only stands for an entry (O_PATH), of a link for itself; invalid where there is none.</summary>
    public SafeFileHandle Place(ReadOnlySpan<byte> name) => FileCalls.OpenAt(_handle, name, FileCalls.PathOnly | FileCalls.NoFollow, 0);

    /// <summary>Opens a regular file in this folder for reading and writing.</summary>
    public int TryOpenFile(ReadOnlySpan<byte> name, out SafeFileHandle? file) => TryOpenFile(name, FileCalls.NonBlocking, out file);

    /// <summary>Makes a new file in this folder, mode 0600.</summary>
    public int TryMakeFile(ReadOnlySpan<byte> name, out SafeFileHandle? file) => TryOpenFile(name, FileCalls.Create | FileCalls.Exclusive, out file);

    /// <summary>Removes what is not a folder.</summary>
    public int Unlink(ReadOnlySpan<byte> name) => FileCalls.UnlinkAt(_handle, name, 0) == 0 ? 0 : LastError;

    /// <summary>Removes an empty folder.</summary>
    public int RemoveFolder(ReadOnlySpan<byte> name) => FileCalls.UnlinkAt(_handle, name, FileCalls.RemoveFolder) == 0 ? 0 : LastError;

    /// <summary>Moves an entry to another folder.</summary>
    public int Move(ReadOnlySpan<byte> name, OpenFolder target, ReadOnlySpan<byte> newName) =>
        FileCalls.RenameAt(_handle, name, target._handle, newName) == 0 ? 0 : LastError;

    /// <summary>Gives the owner all access to this folder.</summary>
    public int MakeAccessible() => FileCalls.ChangeMode(_handle, OwnerOnly) == 0 ? 0 : LastError;

    /// <summary>What this folder is.</summary>
    public int TryLook(out FileCalls.Status status) => TryLook("\0"u8, out status);

    /// <summary>What an entry of this folder is; of a link, not of what it leads to.</summary>
    public int TryLook(ReadOnlySpan<byte> name, out FileCalls.Status status) => FileCalls.ReadStatus(_handle, name, out status) ? 0 : LastError;

    /// <summary>Whether the entry of this name is that folder.</summary>
    public bool Holds(ReadOnlySpan<byte> name, OpenFolder folder) =>
        TryLook(name, out var entry) == 0 && folder.TryLook(out var status) == 0 && entry.IsSameAs(status);

    /// <summary>Reads the next entries (struct linux_dirent64); returns how many bytes they are, 0 at the end, or a negative error number.</summary>
    public int Read(Span<byte> buffer) => (int)FileCalls.ReadEntries(_handle, buffer) is var bytes and >= 0 ? bytes : -LastError;

    /// <summary>Starts to read from the first entry again.</summary>
    public void Rewind() => FileCalls.Seek(_handle, 0, 0);

    /// <summary>Whether it was disposed of.</summary>
    public bool IsClosed => _handle.IsClosed;

    public void Dispose() => _handle.Dispose();

    /// <summary>The exception that .NET itself throws for this error number.</summary>
    public static Exception Failure(int error, string path)
    {
        var message = $"{Marshal.GetPInvokeErrorMessage(error)} : '{path}'";

        return error switch
        {
            Errno.NoSuchEntry => new DirectoryNotFoundException(message),
            Errno.AccessDenied or Errno.NotPermitted => new UnauthorizedAccessException(message),
            _ => new IOException(message, error),
        };
    }

    private static int LastError => Marshal.GetLastPInvokeError();

    private static int TryOpen(SafeFileHandle from, ReadOnlySpan<byte> name, int flags, out OpenFolder? folder)
    {
        var handle = FileCalls.OpenAt(from, name, flags, 0);
        folder = handle.IsInvalid ? null : new OpenFolder(handle);
        return folder is null ? LastError : 0;
    }

    /// <summary>
    /// Changes the mode of what was opened, not of what has the name: fchmodat(2) would follow a link that a script has put there meanwhile.
    /// A descriptor that only stands for the folder (O_PATH) cannot be given to fchmod(2), but its entry in /proc can be to chmod(2).
    /// </summary>
    private int TryOpenShut(ReadOnlySpan<byte> name, out OpenFolder? folder)
    {
        folder = null;

        if (TryOpen(_handle, name, FileCalls.FolderOnly | FileCalls.PathOnly, out var shut) is var error and not 0)
            return error;

        using (shut)
        {
            return FileCalls.ChangeMode($"/proc/self/fd/{shut!._handle.DangerousGetHandle()}", OwnerOnly) == 0
                ? TryOpen(shut._handle, ".\0"u8, FileCalls.FolderOnly, out folder)
                : Errno.AccessDenied;
        }
    }

    private int TryOpenFile(ReadOnlySpan<byte> name, int flags, out SafeFileHandle? file)
    {
        file = FileCalls.OpenAt(_handle, name, FileCalls.ReadWrite | FileCalls.NoFollow | flags, 0x180 /* 0600 */);

        if (!file.IsInvalid)
            return 0;

        file = null;
        return LastError;
    }
}
