using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Servo.Application.Workspaces;
using Servo.Infrastructure.Files;

namespace Servo.Infrastructure.Workspaces;

/// <summary>
/// Workspaces as directories below the runtime directory. One that takes long to delete is deleted beside other work, as its caller waits for an answer; what
/// cannot be deleted is tried again at the end of later runs.
/// </summary>
internal sealed partial class WorkspaceFactory(RuntimeDirectory runtime, ILogger<WorkspaceFactory> logger) : IWorkspaceFactory
{
    // A busy disk takes minutes for the 100,000 entries that a bundle may have.
    private static readonly TimeSpan _deletionTimeout = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan _retryTimeout = TimeSpan.FromSeconds(5);

    private readonly ConcurrentQueue<string> _left = new();
    private readonly Lock _gate = new();
    private Task _deleting = Task.CompletedTask;

    /// <summary>How long the end of a run may wait for its workspace to be deleted.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(1);

    private OpenFolder RunsFolder => runtime.RunsFolder;

    public string Location => runtime.Path;

    public IWorkspace Create() => new Workspace(Path.Join(runtime.Runs, RandomNumberGenerator.GetHexString(12, lowercase: true)), this);

    private void TellLeft(string path) => runtime.TellWorkspaceLeft(path);

    private void Delete(string path, OpenFolder? folder)
    {
        var start = Stopwatch.GetTimestamp();

        var reason = TryDelete(path, folder, LongestWait);

        if (reason is not null && Stopwatch.GetElapsedTime(start) >= LongestWait)
        {
            lock (_gate)
            {
                _deleting = _deleting.ContinueWith(
                    _ => Finish(path, folder, TryDelete(path, folder, _deletionTimeout)),
                    CancellationToken.None,
                    TaskContinuationOptions.LongRunning,
                    TaskScheduler.Default);
            }
        }
        else
        {
            Finish(path, folder, reason);
        }
    }

    /// <summary>Deletes a workspace as far as that is possible in this time; returns why something is left.</summary>
    private string? TryDelete(string path, OpenFolder? folder, TimeSpan timeout)
    {
        try
        {
            // By its descriptor first, as a script can have moved it elsewhere; then what has its name.
            return (folder is null ? null : TreeDeletion.Empty(folder, path, timeout)) ?? TreeDeletion.Delete(RunsFolder, NameOf(path), path, timeout);
        }
        catch (ObjectDisposedException)
        {
            // The host has stopped meanwhile, and deleted its directory with all that was in it.
            return null;
        }
    }

    private void Finish(string path, OpenFolder? folder, string? reason)
    {
        folder?.Dispose();
        TryOneAgain();

        if (reason is null)
        {
            runtime.TellWorkspaceDeleted(path);
            return;
        }

        Log.NotDeleted(logger, path, reason);
        _left.Enqueue(path);
    }

    private void TryOneAgain()
    {
        if (!_left.TryDequeue(out var path))
            return;

        if (TryDelete(path, null, _retryTimeout) is not null)
        {
            _left.Enqueue(path);
            return;
        }

        runtime.TellWorkspaceDeleted(path);

        if (!RunsFolder.IsClosed)
            Log.Deleted(logger, path);
    }

    private static byte[] NameOf(string path) => OpenFolder.Name(Path.GetFileName(path));

    private sealed class Workspace : IWorkspace
    {
        private readonly string _path;
        private readonly WorkspaceFactory _workspaces;
        private OpenFolder? _folder;
        private int _disposed;

        public Workspace(string path, WorkspaceFactory workspaces)
        {
            (_path, _workspaces) = (path, workspaces);
            ArchivePath = Path.Join(path, "upload");

            // Not kept open: of uploads and waiting runs there may be more than descriptors.
            using var folder = workspaces.RunsFolder.MakeAndOpen(path);

            try
            {
                BundleDirectory = Make(folder, RuntimeDirectory.Bundle);
                HomeDirectory = Make(folder, RuntimeDirectory.Home);
                TemporaryDirectory = Make(folder, RuntimeDirectory.Temporary);
                ScratchDirectory = Make(folder, "scratch");
            }
            catch
            {
                workspaces.Delete(path, null);
                throw;
            }
        }

        public string ArchivePath { get; }

        public string BundleDirectory { get; }

        public string HomeDirectory { get; }

        public string TemporaryDirectory { get; }

        public string ScratchDirectory { get; }

        public void Open()
        {
            if (_folder is null && _workspaces.RunsFolder.TryOpen(NameOf(_path), out _folder) is var error and not 0)
                throw OpenFolder.Failure(error, _path);
        }

        public ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                _workspaces.TellLeft(_path);
                _workspaces.Delete(_path, _folder);
            }

            return ValueTask.CompletedTask;
        }

        private string Make(OpenFolder folder, string name)
        {
            var path = Path.Join(_path, name);
            folder.Make(path);
            return path;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error,
            "The workspace {Path} could not be deleted; the gateway tries again when later runs end, at its stop and at its next start. "
            + "It may hold decrypted secrets. Reason: {Reason}")]
        public static partial void NotDeleted(ILogger logger, string path, string reason);

        [LoggerMessage(2, LogLevel.Information, "The workspace {Path} is deleted now")]
        public static partial void Deleted(ILogger logger, string path);
    }
}
