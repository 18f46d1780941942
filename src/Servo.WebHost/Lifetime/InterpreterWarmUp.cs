using Servo.Application.Runs;

namespace Servo.WebHost.Lifetime;

/// <summary>Gets an interpreter ready before the first run; one that does not work is logged and keeps the host from being ready.</summary>
internal sealed partial class InterpreterWarmUp(IReadiness readiness, ILogger<InterpreterWarmUp> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            if (await readiness.WhyNotAsync(stoppingToken) is { } why)
                Log.NotReady(logger, why);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host ends, or could not start, before the interpreter was ready.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Not ready for runs: {Why}")]
        public static partial void NotReady(ILogger logger, string why);
    }
}
