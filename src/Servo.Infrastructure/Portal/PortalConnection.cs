using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Servo.Infrastructure.Portal;

/// <summary>How a command travels: straight to the portal, once, over a connection of its own, for as long as it takes.</summary>
internal static class PortalConnection
{
    /// <summary>How long the portal may take to accept a connection; past it nothing was sent.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    public static SocketsHttpHandler CreateHandler() => new()
    {
        // No connection is used twice: the portal may have closed a kept one, and a command may not be sent again to find out.
        PooledConnectionLifetime = TimeSpan.Zero,
        ConnectTimeout = Timeout,
        ConnectCallback = ConnectAsync,
        RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        UseProxy = false,
    };

    public static void Configure(HttpClient client)
    {
        client.BaseAddress = PortalAddressHandler.Anywhere;
        client.DefaultRequestHeaders.ConnectionClose = true;
        client.Timeout = System.Threading.Timeout.InfiniteTimeSpan;
    }

    // There is no time limit on an answer, so keep-alive probes tell a slow portal from one whose machine is gone.
    // They also keep a firewall from forgetting a connection on which nothing happens for minutes.
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 60);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 20);
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);

            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
