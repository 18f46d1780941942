using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Servo.Application.Runs;

namespace Servo.Infrastructure.Runs;

/// <summary>Workspaces as directories below the runtime directory.</summary>
internal sealed partial class Workspaces(RuntimeDirectory runtime, ILogger<Workspaces> logger) : IWorkspaces
{
    public IWorkspace Create()
    {
        var root = RuntimeDirectory.CreatePrivate(Path.Join(runtime.Runs, RandomNumberGenerator.GetHexString(16, lowercase: true)));
        return new Workspace(root, logger);
    }

    private sealed partial class Workspace(string root, ILogger logger) : IWorkspace
    {
        public string ArchivePath { get; } = Path.Join(root, "upload");

        public string BundleDirectory { get; } = RuntimeDirectory.CreatePrivate(Path.Join(root, "bundle"));

        public string HomeDirectory { get; } = RuntimeDirectory.CreatePrivate(Path.Join(root, "home"));

        public string ScratchDirectory { get; } = RuntimeDirectory.CreatePrivate(Path.Join(root, "scratch"));

        public ValueTask DisposeAsync()
        {
            try
            {
                DirectoryTree.Delete(root);
            }
            catch (Exception e) when (e is UnauthorizedAccessException or IOException)
            {
                Log.NotDeleted(logger, root, e);
            }

            return ValueTask.CompletedTask;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The workspace {Path} could not be deleted. Delete it by hand: it may hold decrypted secrets")]
        public static partial void NotDeleted(ILogger logger, string path, Exception exception);
    }
}
