using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.Win32.SafeHandles;
using Servo.Application.Runs;
using Servo.Infrastructure.Files;

namespace Servo.Infrastructure.Runs;

/// <summary>The folder in which one host keeps its runs beyond its own end; locked against every other host while this lives.</summary>
public sealed class StateDirectory : IDisposable
{
    private const uint OwnerOnly = 0x180; // 0600

    private readonly SafeFileHandle _lock;
    private readonly byte[] _lockPath;
    private readonly FileCalls.Status _lockStatus;

    /// <summary>Makes the folder where it is missing, and locks it.</summary>
    /// <exception cref="IOException">Another host has it, it lies on a network file system, or it cannot be made; the message says what to do.</exception>
    public StateDirectory(IOptions<StateOptions> options)
        : this(options.Value.Root ?? DefaultRoot(Environment.GetEnvironmentVariable))
    {
    }

    internal StateDirectory(string root)
    {
        Path = Make(System.IO.Path.GetFullPath(root));
        _lock = Lock();
        _lockPath = [.. Encoding.UTF8.GetBytes(LockPath), 0];

        try
        {
            if (!FileCalls.ReadStatus(_lock, "\0"u8, out _lockStatus))
                throw OpenFolder.Failure(Marshal.GetLastPInvokeError(), LockPath);

            RefuseNetwork();
            Logs = PrivateFile.CreateDirectory(System.IO.Path.Join(Path, "logs"));
            Bundles = PrivateFile.CreateDirectory(System.IO.Path.Join(Path, "bundles"));
            Audit = PrivateFile.CreateDirectory(System.IO.Path.Join(Path, "audit"));
        }
        catch
        {
            _lock.Dispose();
            throw;
        }
    }

    /// <summary>Its absolute path.</summary>
    public string Path { get; }

    /// <summary>Holds a log per run.</summary>
    public string Logs { get; }

    /// <summary>Holds the archives of detached runs that have not started.</summary>
    public string Bundles { get; }

    /// <summary>Holds the audit record, a file a day.</summary>
    public string Audit { get; }

    /// <summary>The database of runs.</summary>
    public string Database => System.IO.Path.Join(Path, "runs.db");

    private string LockPath => System.IO.Path.Join(Path, "lock");

    /// <summary>Makes sure that the folder is still the one that was locked: what is written to one that was deleted is lost.</summary>
    /// <exception cref="StateGoneException">It is not.</exception>
    public void RequireInPlace()
    {
        if (!FileCalls.ReadStatus(_lock, _lockPath, out var found) || !found.IsSameAs(_lockStatus))
            throw new StateGoneException(Path);
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    /// <summary>The folder where none is configured; never one for temporary files.</summary>
    internal static string DefaultRoot(Func<string, string?> environment)
    {
        // systemd separates several by colons.
        if (environment("STATE_DIRECTORY")?.Split(':')[0] is { } given && System.IO.Path.IsPathFullyQualified(given))
            return given;

        // The specification: "If an implementation encounters a relative path [...] it should consider the path invalid and ignore it."
        if (environment("XDG_STATE_HOME") is { } state && System.IO.Path.IsPathFullyQualified(state))
            return System.IO.Path.Join(state, "servo");

        return environment("HOME") is { } home && System.IO.Path.IsPathFullyQualified(home)
            ? System.IO.Path.Join(home, ".local", "state", "servo")
            : throw new IOException(
                $"There is no folder to keep runs in, as this user has no home. Set {StateOptions.RootKey} to a folder on a local disk.");
    }

    /// <summary>Makes the entries of a folder survive a power cut.</summary>
    internal static void SaveEntries(string folder)
    {
        using var handle = FileCalls.Open(folder, FileCalls.Folder, 0);

        if (handle.IsInvalid || FileCalls.Sync(handle) != 0)
            throw OpenFolder.Failure(Marshal.GetLastPInvokeError(), folder);
    }

    private static string Make(string root)
    {
        try
        {
            return PrivateFile.CreateDirectory(root);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"The folder '{root}', in which runs are kept, cannot be made ({e.Message}). Set {StateOptions.RootKey} to one that can.", e);
        }
    }

    private SafeFileHandle Lock()
    {
        var path = LockPath;
        var file = FileCalls.Open(path, FileCalls.ReadWrite | FileCalls.Create | FileCalls.NoFollow, OwnerOnly);

        if (!file.IsInvalid && FileCalls.Lock(file, FileCalls.LockExclusively | FileCalls.LockWithoutWaiting) == 0)
            return file;

        var error = Marshal.GetLastPInvokeError();
        var isOpen = !file.IsInvalid;
        file.Dispose();

        throw isOpen && error == Errno.TryAgain
            ? new IOException(
                $"Another Servo host keeps its runs in '{Path}'. End that one, or give this one a folder of its own: {StateOptions.RootKey}.")
            : new IOException(
                $"The folder '{Path}', in which runs are kept, cannot be used ({OpenFolder.Failure(error, path).Message}). "
                + $"Set {StateOptions.RootKey} to another.");
    }

    private void RefuseNetwork()
    {
        if (FileCalls.ReadFileSystem(_lock, out var kind) && NetworkFileSystem.NameOf(kind) is { } name)
            throw new IOException(
                $"The folder '{Path}' lies on a network file system ({name}), which would damage the runs in it. "
                + $"Set {StateOptions.RootKey} to a folder on a local disk.");
    }
}
