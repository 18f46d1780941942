using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Servo.Application.Workspaces;
using Servo.Infrastructure.Files;

namespace Servo.Infrastructure.Workspaces;

/// <summary>The host's private directory below the workspace root (mode 0700, unguessable name): what it hands to scripts, its socket and its runs.</summary>
public sealed partial class RuntimeDirectory : IDisposable
{
    /// <summary>The mode of a folder that others may pass, and not list.</summary>
    internal const uint Passable = 0x1c9; // 0711

    /// <summary>
    /// The folders of a workspace that are its scripts': beside them they can make, move and remove nothing. What the host writes into them by name stays
    /// where it belongs.
    /// </summary>
    internal static readonly string[] FoldersOfScripts = [Bundle, Home, Temporary];

    internal const string Bundle = "bundle";
    internal const string Home = "home";
    internal const string Temporary = "tmp";

    private const string Prefix = "servo-";

    // An orchestrator kills what takes longer to stop than half a minute; the next start goes on.
    private static readonly TimeSpan _deletionTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _startDelay = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger;
    private readonly OpenFolder _root;
    private readonly OpenFolder _directory;
    private readonly RuntimeLock _lock;
    private int _disposed;

    /// <summary>Makes the directory, and deletes those that hosts left behind which were killed: they may hold decrypted secrets.</summary>
    /// <exception cref="IOException">The configured root does not exist or cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The configured root may not be read or written.</exception>
    public RuntimeDirectory(IOptions<WorkspaceOptions> options, ILogger<RuntimeDirectory>? logger = null)
    {
        _logger = logger ?? NullLogger<RuntimeDirectory>.Instance;
        var root = RootOf(options.Value);
        _root = OpenFolder.AtPath(root);
        DeleteAbandoned(root);

        Path = System.IO.Path.Join(root, Prefix + RandomNumberGenerator.GetHexString(8, lowercase: true));
        _directory = _root.MakeAndOpen(Path);
        _lock = RuntimeLock.Make(_directory, Path);
        Runs = System.IO.Path.Join(Path, "runs");
        RunsFolder = _directory.MakeAndOpen(Runs);
        Spool = PrivateFile.CreateDirectory(System.IO.Path.Join(Path, "spool"));
        Python = PrivateFile.CreateDirectory(System.IO.Path.Join(Path, "python"));
        EmbeddedPython.Extract(Path);
    }

    /// <summary>Tells the path of a workspace that no script will use any more; its files may still be there.</summary>
    internal event Action<string>? WorkspaceLeft;

    /// <summary>Tells the path of a workspace that is gone, with all that was in it.</summary>
    internal event Action<string>? WorkspaceDeleted;

    /// <summary>Its absolute path.</summary>
    public string Path { get; }

    /// <summary>Holds a workspace per run.</summary>
    public string Runs { get; }

    /// <summary>Holds what is too large for memory for a while: kept output, files on their way to the portal.</summary>
    public string Spool { get; }

    /// <summary>The scripts' PYTHONPATH, with the <c>servo</c> package in it.</summary>
    public string Python { get; }

    /// <summary>What <see cref="Runs"/> named when it was made.</summary>
    internal OpenFolder RunsFolder { get; }

    /// <summary>The program that starts scripts and ends all that they started.</summary>
    internal string ForkServer => System.IO.Path.Join(Path, EmbeddedPython.ForkServer);

    /// <summary>The same, which also forks scripts from itself.</summary>
    internal string WarmForkServer => System.IO.Path.Join(Path, EmbeddedPython.WarmForkServer);

    /// <summary>Takes what the interpreter prints at the start of that program.</summary>
    internal string WarmOutput => System.IO.Path.Join(Path, "warm.out");

    /// <summary>Where the host listens for commands of scripts.</summary>
    public string PortalSocket => System.IO.Path.Join(Path, "portal.sock");

    /// <summary>The folder in which it is made.</summary>
    internal static string RootOf(WorkspaceOptions options) =>
        System.IO.Path.GetFullPath(options.Root ?? DefaultRoot(Environment.GetEnvironmentVariable));

    /// <summary>The workspace that a path lies in; <see langword="null"/> where it lies in none, as an embedding program's may.</summary>
    internal string? WorkspaceOf(string path)
    {
        var name = System.IO.Path.GetRelativePath(Runs, path).Split('/', 2)[0];
        return name is "." or ".." ? null : System.IO.Path.Join(Runs, name);
    }

    /// <summary>Raises <see cref="WorkspaceLeft"/>.</summary>
    internal void TellWorkspaceLeft(string workspace) => WorkspaceLeft?.Invoke(workspace);

    /// <summary>Raises <see cref="WorkspaceDeleted"/>.</summary>
    internal void TellWorkspaceDeleted(string workspace) => WorkspaceDeleted?.Invoke(workspace);

    /// <summary>Lets users whom the host gives a workspace pass to it, and read the package <c>servo</c>.</summary>
    internal void LetOthersPass()
    {
        const UnixFileMode Readable = UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        const UnixFileMode Listed = Readable | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

        FileCalls.ChangeMode(Path, Passable);
        FileCalls.ChangeMode(Runs, Passable);
        File.SetUnixFileMode(Python, File.GetUnixFileMode(Python) | Listed);

        foreach (var path in Directory.EnumerateFileSystemEntries(Python, "*", SearchOption.AllDirectories))
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) | (Directory.Exists(path) ? Listed : Readable));
    }

    /// <summary>Makes sure that it still is what was made at the start, and that a workspace can be made in it.</summary>
    /// <exception cref="IOException">It is gone or was replaced, or its file system is full or read-only.</exception>
    internal void Probe()
    {
        if (!File.Exists(ForkServer) || !Directory.Exists(Python) || !Directory.Exists(Spool) || !IsInPlace())
            throw new IOException($"'{Path}' was removed or replaced. Restart the host.");

        using var probe = new FileStream(
            System.IO.Path.Join(Runs, $"probe-{Guid.NewGuid():N}"), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1,
            FileOptions.DeleteOnClose);
        probe.WriteByte(0);
    }

    /// <summary>
    /// Deletes it, for a few seconds at most, and throws nothing: a stop must not fail. What cannot be deleted is logged, and tried again by the
    /// next start.
    /// </summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;

        if (AbandonedDirectories.Delete(_root, _directory, Path, _deletionTimeout) is { } reason)
            Log.NotDeleted(_logger, Path, reason);

        RunsFolder.Dispose();
        _directory.Dispose();
        _root.Dispose();
        _lock.Dispose();
    }

    /// <summary>
    /// The root where none is configured: a folder that nothing else has files beside, as scripts can make nothing in what lies above it. The folder for
    /// temporary files only where there is no other.
    /// </summary>
    internal static string DefaultRoot(Func<string, string?> environment)
    {
        // systemd separates several by colons.
        string?[] candidates =
        [
            environment("CACHE_DIRECTORY")?.Split(':')[0],
            environment("XDG_CACHE_HOME") is { } cache ? System.IO.Path.Join(cache, "servo") : null,
            environment("HOME") is { } home ? System.IO.Path.Join(home, ".cache", "servo") : null,
        ];

        foreach (var candidate in candidates)
        {
            if (candidate is null || !System.IO.Path.IsPathFullyQualified(candidate))
                continue;

            try
            {
                return PrivateFile.CreateDirectory(candidate);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A user without a home of its own, or a file system that is read-only.
            }
        }

        return System.IO.Path.GetTempPath();
    }

    /// <summary>A little is gone before this returns; a lot is deleted beside other work, as nobody is to wait for that.</summary>
    private void DeleteAbandoned(string root)
    {
        var deletion = Task.Factory.StartNew(Delete, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        deletion.Wait(_startDelay);

        void Delete()
        {
            try
            {
                AbandonedDirectories.Delete(_root, root, _logger);
            }
            catch (ObjectDisposedException)
            {
                // This host has stopped meanwhile; the next start goes on.
            }
        }
    }

    /// <summary>Whether the names still lead to what was made under them.</summary>
    private bool IsInPlace() =>
        _root.Holds(OpenFolder.Name(System.IO.Path.GetFileName(Path)), _directory)
        && _directory.Holds(OpenFolder.Name(System.IO.Path.GetFileName(Runs)), RunsFolder)
        && _lock.LiesIn(_directory);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error,
            "The directory {Path} could not be deleted; the next start tries again. It may hold decrypted secrets. Reason: {Reason}")]
        public static partial void NotDeleted(ILogger logger, string path, string reason);
    }
}
