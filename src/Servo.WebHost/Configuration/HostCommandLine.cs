using Servo.AspNetCore.Refusals;

namespace Servo.WebHost.Configuration;

/// <summary>
/// Reads the command line before ASP.NET Core does, which takes every word for a setting and passes over those that it does not understand:
/// <c>--help</c> and <c>--version</c> are answered, and what can be no setting is refused.
/// </summary>
internal static class HostCommandLine
{
    private const string Help = """
        usage: dotnet Servo.WebHost.dll [--KEY=VALUE | --KEY VALUE]...

        Starts the gateway. Settings come from the command line, the environment (Servo__Token, Servo__Portal__Url) and appsettings.json beside the
        program; docs/configuration.md lists them all. Others can read a command line: set the token by the environment or a file.

          --urls=URL[;URL...]         where to listen, such as http://0.0.0.0:5000; default http://localhost:5000
          --Servo:TokenFile=FILE      the file that holds the servo token
          --Servo:Portal:Url=URL      the Ochothon portal; --Servo:Portal:Mode=Embedded simulates a cluster instead
          --Servo:KEY=VALUE           any other setting of Servo
          --Kestrel:..., --Logging:...
                                      certificates and log levels, as ASP.NET Core names them
          --environment=NAME          also reads appsettings.NAME.json
          -h, --help                  prints this
          --version                   prints the version

        The exit code is 0 after a stop by TERM or Ctrl-C, and 1 if the host could not start; standard error says why.
        """;

    // The first part of each key that Servo, ASP.NET Core and its host read.
    private static readonly HashSet<string> _sections = new(StringComparer.OrdinalIgnoreCase)
    {
        "Servo", "Kestrel", "Logging", "urls", "http_ports", "https_ports", "https_port", "preferHostingUrls", "AllowedHosts", "environment", "contentRoot",
        "applicationName", "webroot", "detailedErrors", "captureStartupErrors", "shutdownTimeoutSeconds", "hostBuilder", "forwardedHeaders_enabled",
        "hostingStartupAssemblies", "hostingStartupExcludeAssemblies", "preventHostingStartup", "suppressStatusMessages", "startupAssembly", "serverUrls",
    };

    /// <summary>What to print instead of starting; <see langword="null"/> where the host is to start.</summary>
    public static HostWords? Read(IReadOnlyList<string> args)
    {
        for (var i = 0; i < args.Count; i++)
        {
            switch (args[i])
            {
                case "--help" or "-h" or "-?":
                    return new HostWords(0, Help);
                case "--version":
                    return new HostWords(0, $"Servo {HostVersion.Text}");
            }

            var (key, hasValue) = Split(args[i]);

            if (key is null || !_sections.Contains(key.Split(':')[0]))
                return new HostWords(1, $"Servo cannot start: {Shown(args[i], i)} is not an option of the host.{Meant(key)} --help lists them.");

            if (!hasValue && ++i == args.Count)
                return new HostWords(1, $"Servo cannot start: '{args[^1]}' has no value; write {args[^1]}=VALUE.");
        }

        return null;
    }

    /// <summary>A word as far as it can hold no value, which may be a token.</summary>
    private static string Shown(string word, int index) =>
        word.StartsWith('-') || word.Contains('=', StringComparison.Ordinal)
            ? $"'{word.Split('=')[0]}'"
            : $"word {index + 1} of the command line";

    private static string Meant(string? key) =>
        key is { Length: > 0 } ? NearestKey.Question($"--{key.Split(':')[0]}", _sections.Concat(["help", "version"]).Select(option => $"--{option}")) : "";

    /// <summary>
    /// Takes a word apart as ASP.NET Core does: <c>--key=value</c>, <c>/key=value</c>, <c>key=value</c>, or a key whose value is the next
    /// word.
    /// </summary>
    private static (string? Key, bool HasValue) Split(string word)
    {
        var isMarked = word.StartsWith("--", StringComparison.Ordinal) || word.StartsWith('/');
        var start = !isMarked ? 0 : word[0] == '/' ? 1 : 2;
        var equals = word.IndexOf('=', StringComparison.Ordinal);

        return equals >= 0 ? (word[start..Math.Max(start, equals)], true) : (isMarked ? word[start..] : null, false);
    }
}

/// <summary>What the host prints instead of starting, and its exit code.</summary>
internal sealed record HostWords(int ExitCode, string Text)
{
    public async Task<int> PrintAsync()
    {
        await (ExitCode == 0 ? Console.Out : Console.Error).WriteLineAsync(Text);
        return ExitCode;
    }
}
