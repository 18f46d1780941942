using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Servo.AspNetCore.Connections;

/// <summary>Tells the scripts apart that connect to a Unix socket: each is started in a session of its own.</summary>
internal static partial class ScriptSession
{
    private const int SocketLevel = 1;
    private const int PeerCredentials = 17;

    /// <summary>The session (setsid(2)) of the process at the other end, or an empty name where it has ended.</summary>
    public static string Of(ConnectionContext connection)
    {
        if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket)
            return "";

        Span<byte> credentials = stackalloc byte[12];

        try
        {
            socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return "";
        }

        var session = SessionOf(BinaryPrimitives.ReadInt32LittleEndian(credentials));
        return session < 0 ? "" : session.ToString(CultureInfo.InvariantCulture);
    }

    [LibraryImport("libc", EntryPoint = "getsid")]
    private static partial int SessionOf(int process);
}
