namespace Servo.WebHost.Lifetime;

/// <summary>
/// Keeps the servers' own account of a failed start, which is a stack trace, out of the log: standard error has the reason in a sentence. Says nothing
/// else less, and nothing less once the host has started.
/// </summary>
internal sealed class StartLog(LoggerFactory loggers, HostStart start) : ILoggerFactory
{
    private const string Host = "Microsoft.Extensions.Hosting.Internal.Host";
    private const int HostedServiceStartupFaulted = 11;

    private static readonly string[] _servers = ["Microsoft.AspNetCore.Hosting.Diagnostics", "Microsoft.AspNetCore.Server.Kestrel"];

    public ILogger CreateLogger(string categoryName)
    {
        var logger = loggers.CreateLogger(categoryName);
        return categoryName == Host ? new Account(logger, start, HostedServiceStartupFaulted)
            : _servers.Contains(categoryName) ? new Account(logger, start, id: null)
            : logger;
    }

    public void AddProvider(ILoggerProvider provider) => loggers.AddProvider(provider);

    public void Dispose() => loggers.Dispose();

    private sealed class Account(ILogger logger, HostStart start, int? id) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => logger.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logger.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (start.IsComplete || exception is null || (id is not null && id != eventId.Id))
                logger.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
