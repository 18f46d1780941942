using System.Net;
using System.Net.Sockets;

namespace Servo.Testing;

/// <summary>Ports that were free a moment ago.</summary>
public static class LoopbackPorts
{
    private const string EphemeralPorts = "/proc/sys/net/ipv4/ip_local_port_range";

    /// <summary>A port that the system gives to no client.</summary>
    public static int Free() => Free(1)[0];

    /// <summary>
    /// So many of them: while the server of one of its clients is down, a client
    /// could be given its port, or even be connected to itself.
    /// </summary>
    public static IReadOnlyList<int> Free(int count)
    {
        var first = int.Parse(File.ReadAllText(EphemeralPorts).Split('\t', ' ')[0]);
        var ports = new List<int>();

        while (ports.Count < count)
        {
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            var port = Random.Shared.Next(Math.Min(10_000, first / 2), first);

            try
            {
                probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
            }
            catch (SocketException)
            {
                continue;
            }

            if (!ports.Contains(port))
                ports.Add(port);
        }

        return ports;
    }
}
