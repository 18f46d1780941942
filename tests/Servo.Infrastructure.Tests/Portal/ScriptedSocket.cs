using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Servo.Infrastructure.Tests.Portal;

/// <summary>
/// A bare TCP server that counts requests and connections, for what a real web
/// server never does. It answers each request as told, or closes the connection.
/// </summary>
internal sealed class ScriptedSocket : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<int, string, string?> _answer;
    private Task _serving = Task.CompletedTask;
    private int _requests;

    private ScriptedSocket(Func<int, string, string?> answer) => _answer = answer;

    public Uri Url => new($"http://{_listener.LocalEndpoint}");

    public int Connections { get; private set; }

    public int Requests => _requests;

    /// <summary>
    /// Starts a server; <paramref name="answer"/> gets the number of the request
    /// and its head, and closes the connection with <see langword="null"/>.
    /// </summary>
    public static ScriptedSocket Start(Func<int, string, string?> answer)
    {
        var server = new ScriptedSocket(answer);
        server._listener.Start();
        server._serving = server.ServeAsync();
        return server;
    }

    public static string KeptAlive(string json) =>
        $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: keep-alive\r\nContent-Length: {json.Length}\r\n\r\n{json}";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving;
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var open = new List<Task>();

        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                Connections++;
                open.Add(ServeAsync(client));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        var stream = client.GetStream();

        try
        {
            while (await ReadRequestAsync(stream) is { } head)
            {
                if (_answer(Interlocked.Increment(ref _requests) - 1, head) is not { } answer)
                    return;

                await stream.WriteAsync(Encoding.Latin1.GetBytes(answer), _stop.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The other side is gone, or the test is over.
        }
    }

    // What does not look like HTTP counts as a request with its first bytes.
    private async Task<string?> ReadRequestAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var buffer = new byte[1];

        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(buffer, _stop.Token) == 0)
                return null;

            head.Append((char)buffer[0]);

            if (head[0] != 'P')
                return head.ToString();
        }

        var length = head.ToString().Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase));
        await stream.ReadExactlyAsync(new byte[length is null ? 0 : int.Parse(length.Split(' ')[1], CultureInfo.InvariantCulture)], _stop.Token);
        return head.ToString();
    }
}
