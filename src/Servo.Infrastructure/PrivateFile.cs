using Microsoft.Win32.SafeHandles;

namespace Servo.Infrastructure;

/// <summary>Makes files and directories that only the host's own user may read.</summary>
internal static class PrivateFile
{
    /// <summary>
    /// Makes a new, unbuffered file for writing, mode 0600 plus
    /// <paramref name="more"/>; throws where one of that name exists, a link included.
    /// </summary>
    public static FileStream Create(string path, UnixFileMode more = UnixFileMode.None) =>
        Create(path, FileAccess.Write, FileOptions.Asynchronous, more);

    /// <summary>
    /// Makes one for writing and reading without a name, so that nothing is left
    /// of it however the host ends. A script may have deleted the directory.
    /// </summary>
    public static FileStream CreateTemporary(string directory)
    {
        var path = Path.Join(directory, Guid.NewGuid().ToString("N"));

        if (!Directory.Exists(directory) && Directory.Exists(Path.GetDirectoryName(directory)))
            CreateDirectory(directory);

        var file = Create(path, FileAccess.ReadWrite, FileOptions.Asynchronous);

        try
        {
            File.Delete(path);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Opens a file for writing and reading beside others; one that is not there is made, mode 0600.</summary>
    public static SafeFileHandle OpenOrCreate(string path) =>
        new FileStream(path, Options(FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, FileOptions.None)).SafeFileHandle;

    /// <summary>Makes a directory, mode 0700, with those above it, as far as they are not there; returns its absolute path.</summary>
    public static string CreateDirectory(string path) =>
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;

    private static FileStream Create(string path, FileAccess access, FileOptions flags, UnixFileMode more = UnixFileMode.None) =>
        new(path, Options(FileMode.CreateNew, access, FileShare.None, flags, more));

    private static FileStreamOptions Options(
        FileMode mode, FileAccess access, FileShare share, FileOptions flags, UnixFileMode more = UnixFileMode.None)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Options = flags, Share = share, BufferSize = 0 };

        // Set before the file exists, so that there is no moment at which others could open it.
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | more;

        return options;
    }
}
