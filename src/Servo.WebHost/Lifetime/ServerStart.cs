using System.Net.Sockets;
using System.Security.Cryptography;

namespace Servo.WebHost.Lifetime;

/// <summary>Starts the host, and names the setting where the server's own message names none.</summary>
internal static class ServerStart
{
    /// <exception cref="IOException">An address cannot be listened on, or a certificate cannot be read.</exception>
    public static async Task StartServerAsync(this WebApplication app)
    {
        try
        {
            await app.StartAsync();
        }
        catch (SocketException e)
        {
            throw new IOException($"The host cannot listen on {string.Join(" or ", Addresses(app))}: {e.Message}", e);
        }
        catch (CryptographicException e)
        {
            throw new IOException($"The certificate {string.Join(" or ", Certificates(app))} cannot be read: {e.Message}", e);
        }
    }

    private static IEnumerable<string> Addresses(WebApplication app)
    {
        string[] endpoints = [.. app.Configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>()];
        return endpoints.Length > 0 ? endpoints : app.Urls;
    }

    private static IEnumerable<string> Certificates(WebApplication app) =>
        from setting in app.Configuration.GetSection("Kestrel").AsEnumerable()
        where setting.Value is { Length: > 0 } && setting.Key.EndsWith(":Path", StringComparison.OrdinalIgnoreCase)
        select $"'{setting.Value}' ({setting.Key})";
}
