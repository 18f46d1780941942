using System.Globalization;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Servo.AspNetCore.Connections;
using Servo.AspNetCore.Endpoints;
using Servo.Testing;

namespace Servo.AspNetCore.Tests.Connections;

public sealed class ScriptSessionTests
{
    [Fact]
    public async Task A_connection_over_a_Unix_socket_is_named_by_its_processs_session()
    {
        using var folder = new TempDirectory();
        var named = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var places = new ConnectionPlaces(10, "the test", connection =>
        {
            var session = ScriptSession.Of(connection);
            named.TrySetResult(session);
            return session;
        }, TimeProvider.System, NullLogger.Instance);
        await using var server = SideServer.Create(NullLoggerFactory.Instance, places, kestrel => kestrel.ListenUnixSocket(folder.File("socket")));
        await server.StartAsync(TestContext.Current.CancellationToken);

        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(new UnixDomainSocketEndPoint(folder.File("socket")), TestContext.Current.CancellationToken);

        (await named.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).ShouldBe(OwnSession());
    }

    /// <summary>The sixth field of proc(5) stat; the second, a name in brackets, may hold blanks.</summary>
    private static string OwnSession() =>
        int.Parse(File.ReadAllText("/proc/self/stat").Split(") ")[^1].Split(' ')[3], CultureInfo.InvariantCulture)
            .ToString(CultureInfo.InvariantCulture);
}
