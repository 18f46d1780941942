using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Servo.Infrastructure.Runs;

namespace Servo.Infrastructure.Logs;

/// <summary>
/// Makes what runs say survive a power cut a second later: no run waits for the disk, and a run that speaks often costs one wait a second.
/// </summary>
internal sealed partial class LogSaver : IDisposable
{
    private static readonly TimeSpan _delay = TimeSpan.FromSeconds(1);

    private readonly string _folder;
    private readonly ILogger<LogSaver> _logger;
    private readonly ConcurrentQueue<LogFile> _unsaved = new();
    private readonly Lock _saving = new();
    private readonly ITimer _timer;
    private int _isDue;

    /// <summary>For the logs of one folder.</summary>
    public LogSaver(StateDirectory directory, TimeProvider time, ILogger<LogSaver> logger)
    {
        (_folder, _logger) = (directory.Logs, logger);
        _timer = time.CreateTimer(_ => Save(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Something was added to this file.</summary>
    public void Add(LogFile file)
    {
        _unsaved.Enqueue(file);

        if (Interlocked.Exchange(ref _isDue, 1) == 0)
            _timer.Change(_delay, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Saves what is left.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        Save();
    }

    private void Save()
    {
        Volatile.Write(ref _isDue, 0);

        lock (_saving)
        {
            var hasNew = false;

            for (var left = _unsaved.Count; left > 0 && _unsaved.TryDequeue(out var file); left--)
                hasNew |= Try(file.Save, file.Path);

            if (hasNew)
                Try(SaveEntries, _folder);
        }
    }

    private bool SaveEntries()
    {
        StateDirectory.SaveEntries(_folder);
        return true;
    }

    private bool Try(Func<bool> save, string path)
    {
        try
        {
            return save();
        }
        catch (Exception e)
        {
            // What has not reached the disk by now will not: the system forgets it.
            Log.NotSaved(_logger, path, e);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Path} could not be saved to the disk: a power cut may take what it holds")]
        public static partial void NotSaved(ILogger logger, string path, Exception exception);
    }
}
