namespace Servo.Infrastructure.Scripts;

/// <summary>
/// Whether an interpreter that was started now would be another one than that which runs: its executable, the folders that it
/// imports from, or a file that it has read already has changed.
/// </summary>
/// <param name="folders">Times of last change by path, in nanoseconds; 0 where there is nothing. Looked at each time.</param>
/// <param name="files">The same of the many files, which are looked at once a second; a script itself takes none that has changed.</param>
internal sealed class WatchedFiles(IReadOnlyDictionary<string, long> folders, IReadOnlyDictionary<string, long> files)
{
    private const int Pause = 1000;

    private long _looked = Environment.TickCount64;

    /// <summary>The first path that has changed; <see langword="null"/> where none has.</summary>
    public string? Changed()
    {
        if (Changed(folders) is { } folder)
            return folder;

        var now = Environment.TickCount64;
        var looked = Interlocked.Read(ref _looked);
        return now - looked >= Pause && Interlocked.CompareExchange(ref _looked, now, looked) == looked ? Changed(files) : null;
    }

    private static string? Changed(IReadOnlyDictionary<string, long> times)
    {
        foreach (var (path, time) in times)
        {
            if (Time(path) != time / TimeSpan.NanosecondsPerTick)
                return path;
        }

        return null;
    }

    /// <summary>In ticks since 1970; 0 where there is nothing.</summary>
    private static long Time(string path)
    {
        var ticks = File.GetLastWriteTimeUtc(path).Ticks - DateTime.UnixEpoch.Ticks;
        return ticks < 0 ? 0 : ticks;
    }
}
