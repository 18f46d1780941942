namespace Servo.AspNetCore.Connections;

/// <summary>Tells the operator at the start where the limit of open files leaves less than the settings ask for.</summary>
internal sealed partial class DescriptorWarning(DescriptorBudget descriptors, ILogger<DescriptorWarning> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var shortage in descriptors.Shortages)
            Log.Short(logger, descriptors.Limit, shortage);

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning,
            "RLIMIT_NOFILE is {Limit}, which allows for {Shortage}. Raise it: ulimit -n, LimitNOFILE= of systemd, --ulimit nofile= of Docker")]
        public static partial void Short(ILogger logger, int limit, string shortage);
    }
}
