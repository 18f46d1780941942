using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Servo.Application;

namespace Servo.Infrastructure.Runs;

/// <summary>The host's private directory below the workspace root (mode 0700, unguessable name): what it hands to scripts, its socket and its runs.</summary>
public sealed class RuntimeDirectory : IDisposable
{
    private const string Prefix = "servo-";

    internal const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly FileStream _lock;

    /// <summary>Makes the directory, and deletes those that hosts left behind which were killed: they may hold decrypted secrets.</summary>
    /// <exception cref="IOException">The configured root does not exist or cannot be written.</exception>
    public RuntimeDirectory(IOptions<ServoOptions> options)
    {
        var root = System.IO.Path.GetFullPath(options.Value.Workspace.Root);
        AbandonedDirectories.Delete(root, Prefix);

        Path = System.IO.Path.Join(root, Prefix + RandomNumberGenerator.GetHexString(16, lowercase: true));
        CreatePrivate(Path);
        _lock = AbandonedDirectories.Claim(Path);
        Runs = CreatePrivate(System.IO.Path.Join(Path, "runs"));
        Spool = CreatePrivate(System.IO.Path.Join(Path, "spool"));
        Python = CreatePrivate(System.IO.Path.Join(Path, "python"));
        EmbeddedPython.Extract(Path);
    }

    /// <summary>Its absolute path.</summary>
    public string Path { get; }

    /// <summary>Holds a workspace per run.</summary>
    public string Runs { get; }

    /// <summary>Holds what is too large for memory for a while: kept output, files on their way to the portal.</summary>
    public string Spool { get; }

    /// <summary>The scripts' PYTHONPATH, with the <c>servo</c> package in it.</summary>
    public string Python { get; }

    /// <summary>The program that starts scripts and ends all that they started.</summary>
    internal string ForkServer => System.IO.Path.Join(Path, EmbeddedPython.ForkServer);

    /// <summary>Where the host listens for commands of scripts.</summary>
    public string PortalSocket => System.IO.Path.Join(Path, "portal.sock");

    /// <summary>Makes sure that it still is what was made at the start, and that a workspace can be made in it.</summary>
    /// <exception cref="IOException">It is gone or was replaced, or its file system is full or read-only.</exception>
    internal void Probe()
    {
        if (!File.Exists(ForkServer) || !Directory.Exists(Python) || !Directory.Exists(Spool) || !HoldsItsLock())
            throw new IOException($"'{Path}' was removed or replaced. Restart the host.");

        using var probe = new FileStream(System.IO.Path.Join(Runs, $"probe-{Guid.NewGuid():N}"), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
        probe.WriteByte(0);
    }

    /// <summary>A lock file that can be taken is another one than the one that this process holds.</summary>
    private bool HoldsItsLock()
    {
        try
        {
            using var other = new FileStream(_lock.Name, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException e)
        {
            return e is not (FileNotFoundException or DirectoryNotFoundException);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        DirectoryTree.Delete(Path);
        _lock.Dispose();
    }

    internal static string CreatePrivate(string path) => Directory.CreateDirectory(path, OwnerOnly).FullName;
}
