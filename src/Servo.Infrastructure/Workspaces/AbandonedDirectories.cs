using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Servo.Infrastructure.Files;

namespace Servo.Infrastructure.Workspaces;

/// <summary>
/// Deletes the runtime directories of hosts that were killed: they may hold decrypted secrets. Deletes nothing that no Servo made, nothing of another user and
/// nothing of a living host, and looks at each by its descriptor, so that what is deleted is what was looked at. Throws nothing.
/// </summary>
internal static partial class AbandonedDirectories
{
    private static readonly TimeSpan _deletionTimeout = TimeSpan.FromMinutes(1);

    /// <summary>Whether an entry of the root has the name of a host's runtime directory, whether that host lives or not.</summary>
    public static bool HasNameOfOne(string name) => RuntimeName().IsMatch(name);

    public static void Delete(OpenFolder root, string rootPath, ILogger logger)
    {
        foreach (var name in Candidates(root, rootPath, logger))
        {
            var rawName = OpenFolder.Name(name);

            // No folder, gone meanwhile, or another user's.
            if (root.TryOpen(rawName, out var directory) != 0)
                continue;

            using (directory)
                Delete(root, directory!, name, Path.Join(rootPath, name), logger);
        }
    }

    /// <summary>Deletes a runtime directory whose lock this process holds. The lock goes last: what is left without it would never be deleted.</summary>
    public static string? Delete(OpenFolder root, OpenFolder directory, string path, TimeSpan timeout)
    {
        if (TreeDeletion.Empty(directory, path, timeout, kept: RuntimeLock.Name) is { } failure)
            return failure;

        directory.Unlink(RuntimeLock.Name);
        return TreeDeletion.Delete(root, OpenFolder.Name(Path.GetFileName(path)), path, timeout);
    }

    private static void Delete(OpenFolder root, OpenFolder directory, string name, string path, ILogger logger)
    {
        var owner = RuntimeLock.TryTakeOver(directory, name, out var taken);

        if (owner == RuntimeOwner.Unknown)
            Log.NotMarked(logger, path);

        if (taken is null)
            return;

        using (taken)
        {
            // A run of this host may get a user that has files in it.
            directory.MakeAccessible();

            if (Delete(root, directory, path, _deletionTimeout) is { } failure)
                Log.NotDeleted(logger, path, failure);
            else
                Log.Deleted(logger, path);
        }
    }

    private static List<string> Candidates(OpenFolder root, string rootPath, ILogger logger)
    {
        var names = new List<string>();
        var entries = new FolderEntries(root);

        while (entries.TryRead(out var name))
        {
            var text = System.Text.Encoding.UTF8.GetString(name[..^1]);

            if (HasNameOfOne(text))
                names.Add(text);
        }

        if (entries.Error != 0)
            Log.NotListed(logger, rootPath, OpenFolder.Failure(entries.Error, rootPath).Message);

        return names;
    }

    [GeneratedRegex(@"\Aservo-[0-9a-f]{8}([0-9a-f]{8})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex RuntimeName();

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Deleted {Path}, which a gateway left behind that was killed")]
        public static partial void Deleted(ILogger logger, string path);

        [LoggerMessage(2, LogLevel.Error,
            "What a killed gateway left behind in {Path} could not be deleted; the next start tries again. It may hold decrypted secrets. Reason: {Reason}")]
        public static partial void NotDeleted(ILogger logger, string path, string reason);

        [LoggerMessage(3, LogLevel.Warning,
            "{Path} is left as it is: it has the name of a gateway's directory, but not the mark of this version. Delete it by hand if no gateway uses it")]
        public static partial void NotMarked(ILogger logger, string path);

        [LoggerMessage(4, LogLevel.Warning, "What killed gateways left behind in {Path} could not be looked for: {Reason}")]
        public static partial void NotListed(ILogger logger, string path, string reason);
    }
}
