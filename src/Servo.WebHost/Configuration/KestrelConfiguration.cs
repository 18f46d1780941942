using System.Security.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Servo.AspNetCore.Refusals;

namespace Servo.WebHost.Configuration;

/// <summary>
/// Finds problems of the section <c>Kestrel</c>: the server itself passes over keys and values that it does not know, and so listens in another way than
/// was meant.
/// </summary>
internal static class KestrelConfiguration
{
    private static readonly string[] _certificate = ["Path", "KeyPath", "Password", "Subject", "Store", "Location", "AllowInvalid"];
    private static readonly string[] _connection = ["Protocols", "SslProtocols:*", "ClientCertificateMode"];

    // A star stands for a name that the operator chooses, or a number.
    private static readonly HashSet<string> _keys = new(
        [
            .. _connection.SelectMany(key => new[] { $"EndpointDefaults:{key}", $"Endpoints:*:{key}", $"Endpoints:*:Sni:*:{key}" }),
            .. _certificate.SelectMany(key => new[] { $"Certificates:*:{key}", $"Endpoints:*:Certificate:{key}", $"Endpoints:*:Sni:*:Certificate:{key}" }),
            "Endpoints:*:Url",
        ],
        StringComparer.OrdinalIgnoreCase);

    public static IEnumerable<string> Problems(IConfiguration configuration, string contentRoot)
    {
        foreach (var (key, value) in configuration.GetSection("Kestrel").AsEnumerable(makePathsRelative: true))
        {
            if (value is { Length: > 0 } && key.Length > 0 && Problem(key.Split(':'), value, contentRoot) is { } problem)
                yield return $"Kestrel:{key}{problem}";
        }
    }

    /// <summary>The files of certificates that are configured, each with its key.</summary>
    public static IEnumerable<string> CertificateFiles(IConfiguration configuration) =>
        from setting in configuration.GetSection("Kestrel").AsEnumerable()
        where setting.Value is { Length: > 0 } && setting.Key.EndsWith(":Path", StringComparison.OrdinalIgnoreCase)
        select $"'{setting.Value}' ({setting.Key})";

    /// <summary>The addresses of the configured endpoints.</summary>
    public static IEnumerable<string> Urls(IConfiguration configuration) =>
        configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>();

    private static string? Problem(string[] parts, string value, string contentRoot)
    {
        string[] names = [.. parts];

        for (var i = 1; i < parts.Length; i++)
        {
            if (parts[i - 1].ToUpperInvariant() is "CERTIFICATES" or "ENDPOINTS" or "SNI" or "SSLPROTOCOLS")
                parts[i] = "*";
        }

        if (!_keys.Contains(string.Join(':', parts)))
            return $" is not a setting of Kestrel.{NearestKey.Question($"Kestrel:{string.Join(':', names)}", KeysLike(names))}";

        return parts[^1] == "*" ? OneOf<SslProtocols>(value) : parts[^1].ToUpperInvariant() switch
        {
            "URL" => ListenAddress.Problem(value) is { } why ? $": {why}" : null,
            "PROTOCOLS" => OneOf<HttpProtocols>(value),
            "CLIENTCERTIFICATEMODE" => OneOf<ClientCertificateMode>(value),
            "PATH" or "KEYPATH" => Path.Combine(contentRoot, value) is var path && !File.Exists(path) ? $": there is no file '{path}'." : null,
            _ => null,
        };
    }

    /// <summary>The keys of as many names, with the operator's own where a star stands.</summary>
    private static IEnumerable<string> KeysLike(string[] names) =>
        from key in _keys
        let parts = key.Split(':')
        where parts.Length == names.Length
        select $"Kestrel:{string.Join(':', parts.Zip(names, (part, name) => part == "*" ? name : part))}";

    private static string? OneOf<T>(string value)
        where T : struct, Enum =>
        Enum.TryParse<T>(value, ignoreCase: true, out var choice) && Enum.IsDefined(choice)
            ? null
            : $" must be one of {string.Join(", ", Enum.GetNames<T>())}.";
}
