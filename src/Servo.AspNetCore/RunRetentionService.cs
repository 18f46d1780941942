using Servo.Application.Runs;

namespace Servo.AspNetCore;

/// <summary>Forgets, now and then, what is kept no longer.</summary>
internal sealed partial class RunRetentionService(RunRetention retention, TimeProvider time, ILogger<RunRetentionService> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(RunRetention.Interval, time);

        try
        {
            await TryAsync(retention.DeleteOrphansAsync, stoppingToken);

            do
                await TryAsync(retention.TrimAsync, stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host ends.
        }
    }

    private async Task TryAsync(Func<CancellationToken, Task> work, CancellationToken stoppingToken)
    {
        try
        {
            await work(stoppingToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.Failed(logger, e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "What is kept no longer could not be deleted; it is tried again")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
