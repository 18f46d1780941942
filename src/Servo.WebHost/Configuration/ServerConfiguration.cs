using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging.Console;

namespace Servo.WebHost.Configuration;

/// <summary>Finds problems of the settings that are ASP.NET Core's, where it passes over them in silence or does not name the setting.</summary>
internal static class ServerConfiguration
{
    private static readonly string[] _formatters = [ConsoleFormatterNames.Simple, ConsoleFormatterNames.Systemd, ConsoleFormatterNames.Json];

    public static IEnumerable<string> Problems(IConfiguration configuration, IHostEnvironment environment) =>
    [
        .. Files(environment),
        .. Urls(configuration),
        .. Ports(configuration),
        .. KestrelConfiguration.Problems(configuration, environment.ContentRootPath),
        .. LogLevels(configuration),
        .. LogFormatter(configuration),
    ];

    /// <summary>A folder, or a link to nothing, counts as no file to the reader of settings.</summary>
    private static IEnumerable<string> Files(IHostEnvironment environment) =>
        from name in new[] { "appsettings.json", $"appsettings.{environment.EnvironmentName}.json" }
        let path = Path.Join(environment.ContentRootPath, name)
        where Directory.Exists(path) || (!File.Exists(path) && new FileInfo(path).LinkTarget is not null)
        select $"'{path}' is {(Directory.Exists(path) ? "a directory" : "a link to nothing")}, not a file of settings.";

    private static IEnumerable<string> Urls(IConfiguration configuration) =>
        (configuration[WebHostDefaults.ServerUrlsKey] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(ListenAddress.Problem).OfType<string>().Select(problem => $"urls: {problem}");

    private static IEnumerable<string> Ports(IConfiguration configuration) =>
        from key in new[] { WebHostDefaults.HttpPortsKey, WebHostDefaults.HttpsPortsKey }
        from port in (configuration[key] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries)
        where !ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out _)
        select $"{key}: '{port}' is not a port between 0 and {IPEndPoint.MaxPort}.";

    /// <summary>Of a formatter that it does not know, the console's log takes another in silence.</summary>
    private static IEnumerable<string> LogFormatter(IConfiguration configuration) =>
        configuration["Logging:Console:FormatterName"] is { Length: > 0 } name && !_formatters.Contains(name, StringComparer.OrdinalIgnoreCase)
            ? [$"Logging:Console:FormatterName must be one of {string.Join(", ", _formatters)}."]
            : [];

    /// <summary>The levels for all targets of the log, and for each (<c>Logging:Console:LogLevel:...</c>).</summary>
    private static IEnumerable<string> LogLevels(IConfiguration configuration) =>
        from setting in configuration.GetSection("Logging").AsEnumerable()
        where setting.Value is { Length: > 0 }
            && setting.Key.Split(':').Skip(1).Take(2).Contains("LogLevel", StringComparer.OrdinalIgnoreCase)
            && !Enum.TryParse<LogLevel>(setting.Value, ignoreCase: true, out _)
        select $"{setting.Key} must be one of {string.Join(", ", Enum.GetNames<LogLevel>())}.";
}
