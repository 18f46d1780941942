using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Servo.Application.Logs;

namespace Servo.Application.Runs;

/// <summary>Forgets what is past the limits of what is kept: ended runs and their logs, and logs that no run has.</summary>
public sealed partial class RunRetention(IRunStore store, IRunLog log, IOptions<StateOptions> options, TimeProvider time, ILogger<RunRetention> logger)
{
    /// <summary>How often it is worth to look.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    private readonly DateTimeOffset _start = time.GetUtcNow();
    private readonly long _startTimestamp = time.GetTimestamp();

    /// <summary>The time by which runs are old: no step of the clock while the host runs makes them older than they are.</summary>
    private DateTimeOffset Now
    {
        get
        {
            var (told, passed) = (time.GetUtcNow(), _start + time.GetElapsedTime(_startTimestamp));
            return told < passed ? told : passed;
        }
    }

    /// <summary>Deletes what may go by now; runs that have not ended are never touched.</summary>
    public async Task TrimAsync(CancellationToken cancellationToken)
    {
        var trimmed = await store.TrimAsync(options.Value.Retention, Now, cancellationToken);

        foreach (var id in trimmed)
            await log.DeleteAsync(id);

        if (trimmed.Count > 0)
            Log.Trimmed(logger, trimmed.Count);
    }

    /// <summary>Deletes logs of runs that the store does not have: a host was killed between the two deletions.</summary>
    public async Task DeleteOrphansAsync(CancellationToken cancellationToken)
    {
        foreach (var id in await log.ListAsync(cancellationToken))
        {
            if (await store.FindAsync(id, cancellationToken) is null)
                await log.DeleteAsync(id);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Count} ended runs are kept no longer (" + StateOptions.Section + ")")]
        public static partial void Trimmed(ILogger logger, int count);
    }
}
