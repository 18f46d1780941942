using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Servo.Application.Portal;
using Servo.Application.Workspaces;
using Servo.WebHost.Configuration;

namespace Servo.WebHost.Lifetime;

/// <summary>Starts the host, and names the setting where the cause's own message names none.</summary>
internal static class ServerStart
{
    // unix(7): sun_path has 108 bytes, the last of which is a NUL.
    private const int MaxSocketPath = 107;

    /// <exception cref="IOException">There can be no workspace, an address cannot be listened on, or a certificate cannot be read.</exception>
    public static async Task StartServerAsync(this WebApplication app)
    {
        MakeRuntimeDirectory(app.Services);

        try
        {
            await StartAsync(app);
        }
        catch (SocketException e)
        {
            throw new IOException($"The host cannot listen on {string.Join(" or ", Addresses(app.Configuration))}: {e.Message}", e);
        }
        catch (CryptographicException e)
        {
            var files = string.Join(" or ", KestrelConfiguration.CertificateFiles(app.Configuration));
            throw new IOException($"The certificate {files} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>What has begun before the start failed ends as at a stop: ended otherwise, it would be told as a fault of its own.</summary>
    private static async Task StartAsync(WebApplication app)
    {
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await TryStopAsync(app);
            throw;
        }
    }

    private static async Task TryStopAsync(WebApplication app)
    {
        try
        {
            await app.StopAsync();
        }
        catch (Exception)
        {
            // Of a host that is half there, not all can be stopped; what is told is why the start failed.
        }
    }

    private static void MakeRuntimeDirectory(IServiceProvider services)
    {
        var root = services.GetRequiredService<IOptions<WorkspaceOptions>>().Value.Root;

        try
        {
            var socket = services.GetRequiredService<IPortalSocket>().Path;

            if (Encoding.UTF8.GetByteCount(socket ?? "") > MaxSocketPath)
                throw new IOException($"The path of a socket below it, '{socket}', is longer than {MaxSocketPath} bytes");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{WorkspaceOptions.RootKey} '{root ?? "(its default)"}' cannot hold runs: {e.Message}", e);
        }
    }

    private static string[] Addresses(IConfiguration configuration)
    {
        string[] endpoints = [.. KestrelConfiguration.Urls(configuration)];
        return endpoints.Length > 0 ? endpoints : [configuration[WebHostDefaults.ServerUrlsKey] ?? "its ports (http_ports, https_ports)"];
    }
}
