using System.Net.Sockets;
using System.Text;

namespace Servo.Testing;

/// <summary>A Unix socket that answers each connection with the next of the given bytes, well-formed or not, and hangs up.</summary>
public sealed class RawAnswerSocket : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Task _answering;

    public RawAnswerSocket(string path, IEnumerable<string> answers)
    {
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen();
        _answering = AnswerAsync(answers);
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _answering.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    private async Task AnswerAsync(IEnumerable<string> answers)
    {
        foreach (var answer in answers)
        {
            using var connection = await _listener.AcceptAsync();
            await ReadHeadAsync(connection);
            await connection.SendAsync(Encoding.UTF8.GetBytes(answer));
        }
    }

    private static async Task ReadHeadAsync(Socket connection)
    {
        var head = new StringBuilder();
        var buffer = new byte[4096];

        while (!head.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            var count = await connection.ReceiveAsync(buffer);
            if (count == 0)
                return;
            head.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }
    }
}
