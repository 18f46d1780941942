using System.Globalization;
using System.Net;

namespace Servo.Ochopod.ZooKeeper;

/// <summary>The servers of an ensemble, in an order of this client's own, so that clients spread; each turn goes on where the last one ended.</summary>
internal sealed class ServerList
{
    private const int DefaultPort = 2181;

    private readonly DnsEndPoint[] _servers;
    private int _next = -1;

    private ServerList(DnsEndPoint[] servers) => _servers = servers;

    public int Count => _servers.Length;

    public override string ToString() => string.Join(", ", _servers.Select(server => $"{server.Host}:{server.Port}").Order(StringComparer.Ordinal));

    /// <summary>Reads <c>host:port[,host:port...]</c>; the port may be left out, and an IPv6 address stands in brackets.</summary>
    /// <exception cref="FormatException">The text names no server, or one that cannot be.</exception>
    public static ServerList Parse(string text)
    {
        var servers = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(ParseServer).Distinct().ToArray();

        if (servers.Length == 0)
            throw new FormatException("No ZooKeeper server is named. Write host:port[,host:port...].");

        Random.Shared.Shuffle(servers);
        return new ServerList(servers);
    }

    /// <summary>The next server to try.</summary>
    public DnsEndPoint Next() => _servers[(uint)Interlocked.Increment(ref _next) % _servers.Length];

    private static DnsEndPoint ParseServer(string text)
    {
        var colon = text.LastIndexOf(':');
        var hasPort = colon > text.LastIndexOf(']');
        var host = (hasPort ? text[..colon] : text).Trim('[', ']');
        var port = DefaultPort;

        if (hasPort && !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port))
            port = 0;

        return port is > 0 and <= IPEndPoint.MaxPort && Uri.CheckHostName(host) != UriHostNameType.Unknown
            ? new DnsEndPoint(host, port)
            : throw new FormatException($"'{text}' is not a ZooKeeper server. Write host:port[,host:port...].");
    }
}
