namespace Servo.Infrastructure.Runs;

/// <summary>Tells directories of living hosts from those of dead ones: a living host holds a lock (flock(2)) that ends with its process.</summary>
internal static class AbandonedDirectories
{
    private const string LockName = "lock";

    /// <summary>Marks a directory as a living host's, for as long as the returned file is open.</summary>
    public static FileStream Claim(string directory) => Open(directory, FileMode.CreateNew);

    /// <summary>Deletes the directories below <paramref name="root"/> whose name starts with <paramref name="prefix"/>, that hold a lock file and whose host is dead.</summary>
    public static void Delete(string root, string prefix)
    {
        foreach (var directory in Directory.EnumerateDirectories(root, prefix + "*"))
        {
            try
            {
                using (Open(directory, FileMode.Open))
                    DirectoryTree.Delete(directory);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Locked by a living host, without a lock and so nobody's known, or another user's.
            }
        }
    }

    private static FileStream Open(string directory, FileMode mode) => new(Path.Join(directory, LockName), mode, FileAccess.ReadWrite, FileShare.None);
}
