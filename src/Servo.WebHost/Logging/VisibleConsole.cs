using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Servo.WebHost.Logging;

/// <summary>
/// Puts <see cref="VisibleConsoleFormatter"/> before every formatter of the console but that of JSON, whose strings are escaped by their own rules.
/// </summary>
internal static class VisibleConsole
{
    private const int MaxQueuedLines = 10_000;

    public static ILoggingBuilder AddVisibleConsole(this ILoggingBuilder logging)
    {
        // Those of the slim builder name a formatter, whichever the configuration names.
        foreach (var preset in logging.Services.Where(IsPreset).ToList())
            logging.Services.Remove(preset);

        // First, so that Logging:Console has the last word.
        var defaults = new ConfigureOptions<ConsoleLoggerOptions>(GoOnWithoutReader);
        logging.Services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<ConsoleLoggerOptions>>(defaults));

        foreach (var formatter in logging.Services.Where(service => service.ServiceType == typeof(ConsoleFormatter)).ToList())
        {
            logging.Services.Remove(formatter);
            logging.Services.AddSingleton(provider => Visible(Create(formatter, provider)));
        }

        return logging;
    }

    private static bool IsPreset(ServiceDescriptor service) =>
        service.ServiceType == typeof(IConfigureOptions<ConsoleLoggerOptions>) && service.ImplementationInstance is not null;

    /// <summary>Whoever reads the log may stop reading: then lines are dropped, and counted in the log, before a run has to wait for one.</summary>
    private static void GoOnWithoutReader(ConsoleLoggerOptions options) =>
        (options.QueueFullMode, options.MaxQueueLength) = (ConsoleLoggerQueueFullMode.DropWrite, MaxQueuedLines);

    private static ConsoleFormatter Visible(ConsoleFormatter formatter) =>
        formatter.Name == ConsoleFormatterNames.Json ? formatter : new VisibleConsoleFormatter(formatter);

    private static ConsoleFormatter Create(ServiceDescriptor formatter, IServiceProvider provider) =>
        (ConsoleFormatter)(formatter.ImplementationInstance
            ?? formatter.ImplementationFactory?.Invoke(provider)
            ?? ActivatorUtilities.CreateInstance(provider, formatter.ImplementationType!));
}
