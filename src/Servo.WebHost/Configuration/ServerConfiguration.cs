namespace Servo.WebHost.Configuration;

/// <summary>Finds problems of the settings that are ASP.NET Core's, where it passes over them in silence or does not name the setting.</summary>
internal static class ServerConfiguration
{
    private static readonly string[] _certificate = ["Path", "KeyPath", "Password", "Subject", "Store", "Location", "AllowInvalid"];
    private static readonly string[] _client = ["Protocols", "SslProtocols", "ClientCertificateMode"];

    // A star stands for a name that the operator chooses.
    private static readonly HashSet<string> _kestrelKeys = new(
        [
            .. _client.Select(key => $"EndpointDefaults:{key}"),
            "Endpoints:*:Url",
            .. _client.Select(key => $"Endpoints:*:{key}"),
            .. _client.Select(key => $"Endpoints:*:Sni:*:{key}"),
            .. _certificate.SelectMany(key => new[] { $"Certificates:*:{key}", $"Endpoints:*:Certificate:{key}", $"Endpoints:*:Sni:*:Certificate:{key}" }),
        ],
        StringComparer.OrdinalIgnoreCase);

    public static IEnumerable<string> Problems(WebApplicationBuilder builder) =>
        [.. Files(builder.Environment), .. Keys(builder.Configuration.GetSection("Kestrel")), .. Certificates(builder)];

    /// <summary>A folder, or a link to nothing, counts as no file to the reader of settings.</summary>
    private static IEnumerable<string> Files(IHostEnvironment environment) =>
        from name in new[] { "appsettings.json", $"appsettings.{environment.EnvironmentName}.json" }
        let path = Path.Join(environment.ContentRootPath, name)
        where Directory.Exists(path) || (!File.Exists(path) && new FileInfo(path).LinkTarget is not null)
        select $"'{path}' is {(Directory.Exists(path) ? "a directory" : "a link to nothing")}, not a file of settings.";

    private static IEnumerable<string> Keys(IConfigurationSection kestrel) =>
        from setting in kestrel.AsEnumerable(makePathsRelative: true)
        where setting.Value is { Length: > 0 } && setting.Key.Length > 0 && !_kestrelKeys.Contains(Pattern(setting.Key))
        select $"Kestrel:{setting.Key} is no setting of Kestrel.";

    /// <summary>The key with stars for names: the parts after Certificates, Endpoints and Sni.</summary>
    private static string Pattern(string key)
    {
        var parts = key.Split(':');

        for (var i = 1; i < parts.Length; i++)
        {
            if (parts[i - 1].ToUpperInvariant() is "CERTIFICATES" or "ENDPOINTS" or "SNI")
                parts[i] = "*";
        }

        return string.Join(':', parts);
    }

    private static IEnumerable<string> Certificates(WebApplicationBuilder builder) =>
        from setting in builder.Configuration.GetSection("Kestrel").AsEnumerable()
        where setting.Value is { Length: > 0 } && setting.Key.Split(':')[^1].ToUpperInvariant() is "PATH" or "KEYPATH"
        let path = Path.Combine(builder.Environment.ContentRootPath, setting.Value)
        where !File.Exists(path)
        select $"{setting.Key}: there is no file '{path}'.";
}
