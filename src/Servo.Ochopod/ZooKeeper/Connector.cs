using System.Net;
using System.Net.Sockets;

namespace Servo.Ochopod.ZooKeeper;

/// <summary>Tries one server after the other until one grants the session.</summary>
internal sealed partial class Connector(ServerList servers, TimeProvider time, ILogger logger)
{
    private volatile string? _whyUnreachable;
    private string _lastRefusal = "";

    /// <summary>Set while every server is tried in vain, as the beginning of a sentence.</summary>
    public string? WhyUnreachable => _whyUnreachable;

    /// <summary>Connects; tries for ever, so the caller sets the limit.</summary>
    /// <exception cref="ZooKeeperException">The session that the ticket names has expired.</exception>
    public async Task<Connection> ConnectAsync(SessionTicket ticket, Backoff backoff, CancellationToken cancellationToken)
    {
        // A server that is down for days is worth one warning.
        for (var level = LogLevel.Warning; ; level = LogLevel.Debug)
        {
            await backoff.WaitAsync(cancellationToken);

            for (var i = 0; i < servers.Count; i++)
            {
                var server = servers.Next();

                if (await TryAsync(server, ticket, level, cancellationToken) is { } connection)
                {
                    _whyUnreachable = null;
                    return connection;
                }
            }

            _whyUnreachable = $"ZooKeeper cannot be reached at {servers} ({_lastRefusal})";
        }
    }

    private async Task<Connection?> TryAsync(DnsEndPoint server, SessionTicket ticket, LogLevel level, CancellationToken cancellationToken)
    {
        // Several servers fit into the time that a session outlives its connection.
        using var limit = new CancellationTokenSource(ticket.Timeout / Math.Max(3, servers.Count), time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);

        try
        {
            return await Connection.OpenAsync(server, ticket, time, stop.Token);
        }
        catch (Exception e) when (
            (e is IOException or SocketException or InvalidDataException or OperationCanceledException) && !cancellationToken.IsCancellationRequested)
        {
            _lastRefusal = e is OperationCanceledException ? "it takes too long" : e.Message;
            Log.Refused(logger, level, server.Host, server.Port, _lastRefusal);
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 1, Message = "ZooKeeper's server {Host}:{Port} does not grant a session: {Why}")]
        public static partial void Refused(ILogger logger, LogLevel level, string host, int port, string why);
    }
}
