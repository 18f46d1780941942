using System.Net.Sockets;
using System.Text;
using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>Connections of somebody who does not know the token, all from one address, which is that of the honest callers too.</summary>
public sealed class ForgedUploads : IDisposable
{
    /// <summary>The head of an upload with a made-up signature, and more of its body than what arrives without a place.</summary>
    public static readonly string Upload = Head("Content-Length: 1000000000") + new string('x', 70_000);

    /// <summary>An upload with a made-up signature that is whole.</summary>
    public static readonly string SmallUpload = Head("Content-Length: 1000") + new string('x', 1000);

    /// <summary>A form with a made-up signature whose archive never comes.</summary>
    public static readonly string Form = Head("Content-Type: multipart/form-data; boundary=b\r\nTransfer-Encoding: chunked")
        + "11170\r\n--b\r\nContent-Disposition: form-data; name=\"other\"; filename=\"x\"\r\n\r\n" + new string('x', 69_932);

    private readonly List<TcpClient> _connections = [];
    private readonly Uri _uri;

    public ForgedUploads(Gateway gateway) => _uri = new Uri(gateway.Url);

    /// <summary>Connects, and sends the same on each connection; what the host closes meanwhile is closed.</summary>
    public async Task<ForgedUploads> SendAsync(int count, string words)
    {
        var bytes = Encoding.ASCII.GetBytes(words);

        for (var i = 0; i < count; i++)
        {
            var connection = new TcpClient();
            _connections.Add(connection);

            try
            {
                await connection.ConnectAsync(_uri.Host, _uri.Port);
                await connection.GetStream().WriteAsync(bytes);
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                // Closed for the next one.
            }
        }

        return this;
    }

    /// <summary>The first lines of the answers that came, until the connections were closed.</summary>
    public async Task<string[]> AnswersAsync()
    {
        var answers = new List<string>();

        foreach (var connection in _connections)
        {
            using var reader = new StreamReader(connection.GetStream(), leaveOpen: true);

            try
            {
                if (await reader.ReadLineAsync() is { } line)
                    answers.Add(line);
            }
            catch (IOException)
            {
                // Closed without an answer.
            }
        }

        return [.. answers];
    }

    public void Dispose() => _connections.ForEach(connection => connection.Dispose());

    private static string Head(string headers) => $"POST /run/a.py HTTP/1.1\r\nHost: servo\r\nX-Signature: sha1={new string('0', 40)}\r\n{headers}\r\n\r\n";
}
