using System.Net.Sockets;

namespace Servo.Infrastructure.Tests.Sandboxing;

/// <summary>Stands in for a daemon of the machine that is reached by a socket with a path: answers as docker's does, to a version and a list.</summary>
internal sealed class DaemonSocket : IAsyncDisposable
{
    private readonly Socket _server = new(AddressFamily.Unix, SocketType.Stream, 0);
    private readonly Task _serving;

    public DaemonSocket(string path)
    {
        _server.Bind(new UnixDomainSocketEndPoint(path));
        _server.Listen();
        _serving = ServeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _server.Dispose();
        await _serving;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
                await AnswerAsync(await _server.AcceptAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private static async Task AnswerAsync(Socket connection)
    {
        using (connection)
        {
            var request = new byte[8192];
            var read = await connection.ReceiveAsync(request);
            var body = System.Text.Encoding.ASCII.GetString(request, 0, read).Contains("/version", StringComparison.Ordinal)
                ? """{"Version":"1.0","ApiVersion":"1.41"}""" : "[]";
            await connection.SendAsync(System.Text.Encoding.ASCII.GetBytes(
                $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"));
        }
    }
}
