using Servo.Infrastructure.Runs;

namespace Servo.WebHost.Lifetime;

/// <summary>Gets an interpreter ready before the first run; one that does not work is logged and keeps the host from being ready.</summary>
internal sealed partial class InterpreterWarmUp(Readiness readiness, ILogger<InterpreterWarmUp> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (await readiness.WhyNotAsync(stoppingToken) is { } why)
            Log.NotReady(logger, why);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Not ready for runs: {Why}")]
        public static partial void NotReady(ILogger logger, string why);
    }
}
