namespace Servo.Testing;

/// <summary>Waits for what another process does to the file system.</summary>
public static class Eventually
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Looks after each change below the directories until the condition holds; throws after a minute. It looks a few times a second, too: of what a
    /// new folder gets before it is watched the system tells nothing.
    /// </summary>
    public static async Task HoldsAsync(Func<bool> condition, params string[] directories)
    {
        using var changed = new SemaphoreSlim(0);
        var watchers = directories.Select(directory => Watch(directory, changed)).ToList();

        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));

            while (!condition())
                await changed.WaitAsync(s_pause, limit.Token);
        }
        finally
        {
            watchers.ForEach(watcher => watcher.Dispose());
        }
    }

    private static FileSystemWatcher Watch(string directory, SemaphoreSlim changed)
    {
        var watcher = new FileSystemWatcher(directory) { IncludeSubdirectories = true, InternalBufferSize = 64 * 1024 };
        watcher.Created += (_, _) => changed.Release();
        watcher.Deleted += (_, _) => changed.Release();
        watcher.Renamed += (_, _) => changed.Release();
        watcher.Changed += (_, _) => changed.Release();
        watcher.EnableRaisingEvents = true;
        return watcher;
    }
}
