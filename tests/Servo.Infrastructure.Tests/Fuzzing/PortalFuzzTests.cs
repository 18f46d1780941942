using System.Net;
using System.Net.Sockets;
using System.Text;
using Servo.Domain;
using Servo.Fuzzing;
using Servo.Infrastructure.Tests.Portal;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Fuzzing;

/// <summary>Whatever a portal answers is handed on or refused with a sentence.</summary>
public sealed class PortalFuzzTests : IDisposable
{
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);
    private readonly TempDirectory _root = TempDirectory.ForGateway();

    public PortalFuzzTests() => _server.Start();

    public void Dispose()
    {
        _server.Dispose();
        _root.Dispose();
    }

    [Fact]
    public async Task Of_its_answers()
    {
        await using var provider = Portals.ProvideFor(new Uri($"http://{_server.LocalEndpoint}"), root: _root.Path);
        var portal = provider.Portal();

        await Mutations.TryAsync(
            [
                Text("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 37\r\n\r\n{\"ok\": true, \"ms\": 1.5, \"out\": \"[]\"}\n"),
                Text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n"
                    + "9\r\n{\"ok\": tr\r\n18\r\nue, \"ms\": 1, \"out\": \"ab\"\r\n1\r\n}\r\n0\r\n\r\n"),
                Text("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"),
            ],
            async answer =>
            {
                var serving = AnswerAsync(answer);
                var result = await portal.SendAsync(PortalCalls.Command("ls -j"), CancellationToken.None);

                if (result.TryGet(out var accepted, out var refusal))
                    await ReadAsync(accepted.Content, accepted);
                else
                    refusal.ShouldBeOfType<Refusal.PortalUnavailable>().Detail.ShouldNotBeEmpty();

                await serving;
            });
    }

    private static async Task ReadAsync(Stream content, IAsyncDisposable answer)
    {
        await using (answer)
        {
            try
            {
                await content.CopyToAsync(Stream.Null);
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
                // It breaks off, which the script is told.
            }
        }
    }

    private async Task AnswerAsync(byte[] answer)
    {
        using var connection = await _server.AcceptSocketAsync();

        try
        {
            await connection.ReceiveAsync(new byte[4096]);
            await connection.SendAsync(answer);
            connection.Shutdown(SocketShutdown.Send);
            while (await connection.ReceiveAsync(new byte[4096]) > 0)
                continue;
        }
        catch (SocketException)
        {
            // The client has had enough of it.
        }
    }

    private static byte[] Text(string text) => Encoding.ASCII.GetBytes(text);
}
