using Microsoft.Extensions.Logging.Console;

namespace Servo.WebHost.Logging;

/// <summary>
/// Puts <see cref="VisibleConsoleFormatter"/> before every formatter of the console but that of JSON, whose strings are escaped by their own rules.
/// </summary>
internal static class VisibleConsole
{
    public static ILoggingBuilder AddVisibleConsole(this ILoggingBuilder logging)
    {
        foreach (var formatter in logging.Services.Where(service => service.ServiceType == typeof(ConsoleFormatter)).ToList())
        {
            logging.Services.Remove(formatter);
            logging.Services.AddSingleton(provider => Visible(Create(formatter, provider)));
        }

        return logging;
    }

    private static ConsoleFormatter Visible(ConsoleFormatter formatter) =>
        formatter.Name == ConsoleFormatterNames.Json ? formatter : new VisibleConsoleFormatter(formatter);

    private static ConsoleFormatter Create(ServiceDescriptor formatter, IServiceProvider provider) =>
        (ConsoleFormatter)(formatter.ImplementationInstance
            ?? formatter.ImplementationFactory?.Invoke(provider)
            ?? ActivatorUtilities.CreateInstance(provider, formatter.ImplementationType!));
}
