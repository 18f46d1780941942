using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Servo.AspNetCore.Connections;

/// <summary>
/// Bounds the connections to a server. Where there is no room for a newcomer, one that serves nobody who has the token is closed for it:
/// a client that only holds connections open keeps nobody out.
/// </summary>
internal sealed partial class ConnectionPlaces(int max, string name, Func<ConnectionContext, string> senderOf, TimeProvider time, ILogger logger)
{
    /// <summary>What a connection has for its next request before it counts as idle: on a busy machine the server gets to read it late.</summary>
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(5);

    /// <summary>What slow requests have to read their answers once the server stops.</summary>
    private static readonly TimeSpan _closeGrace = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan _quiet = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly HashSet<ConnectionPlace> _open = [];
    private long? _warned;

    /// <summary>Names the sender of a connection over the network.</summary>
    public static string AddressOf(ConnectionContext connection) => Sender.Of((connection.RemoteEndPoint as IPEndPoint)?.Address);

    /// <summary>Keeps a request's connection while the request lasts.</summary>
    public static void Keep(HttpContext context, ConnectionHold hold)
    {
        if (context.Features.Get<Use>() is var (places, place))
            places.Change(() => place.Keep(hold));
    }

    /// <summary>Tells which connections serve a request, as the server's first middleware.</summary>
    public static async Task ServeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<Use>() is not var (places, place))
        {
            await next(context);
            return;
        }

        places.Change(() => place.Begin(places.Now));

        try
        {
            await next(context);
        }
        finally
        {
            places.Change(() => place.End(places.Now));
        }
    }

    /// <summary>Takes a place for a connection, if need be that of another, which is closed when this returns.</summary>
    public bool TryEnter(ConnectionContext connection)
    {
        var place = new ConnectionPlace(connection, senderOf(connection), Now);
        bool isFull, isQuiet;
        ConnectionPlace? victim = null;

        lock (_gate)
        {
            isFull = _open.Count >= max;
            isQuiet = !isFull || (_warned is { } last && time.GetElapsedTime(last) < _quiet);

            if (isFull && (victim = Victim()) is not null)
                _open.Remove(victim);

            if (_open.Count < max)
                _open.Add(place);

            if (!isQuiet)
                _warned = Now;
        }

        // A line for every connection would be one more thing to flood.
        if (!isQuiet)
            Log.Full(logger, name, max);

        victim?.Abort();
        connection.Features.Set(new Use(this, place));
        ConnectionEnd.Of(connection).Token.UnsafeRegister(_ => Leave(place), null);
        return !isFull || victim is not null;
    }

    /// <summary>
    /// Closes what serves nobody who has the token, a moment after the server
    /// was told to stop: it would wait for every request that is on its way.
    /// </summary>
    public async Task CloseOthersAsync()
    {
        await Task.Delay(_closeGrace, time);
        List<ConnectionPlace> others;

        lock (_gate)
            others = [.. _open.Where(place => place.Hold != ConnectionHold.Run)];

        others.ForEach(place => place.Abort());
    }

    private long Now => time.GetTimestamp();

    /// <summary>Of those that are idle, or else of all that are not kept, the oldest of the sender that has the most.</summary>
    private ConnectionPlace? Victim()
    {
        var others = _open.Where(place => place.Hold == ConnectionHold.None).ToList();
        var idle = others.Where(place => place.Requests == 0 && time.GetElapsedTime(place.Used) >= _grace).ToList();
        var connectionsOf = others.CountBy(place => place.Sender).ToDictionary();

        return (idle.Count > 0 ? idle : others).MinBy(place => (-connectionsOf[place.Sender], place.Since));
    }

    private void Leave(ConnectionPlace place)
    {
        lock (_gate)
            _open.Remove(place);
    }

    private void Change(Action change)
    {
        lock (_gate)
            change();
    }

    private sealed record Use(ConnectionPlaces Places, ConnectionPlace Place);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "All {Max} connections of {Name} are taken: those that serve no run are closed for new ones")]
        public static partial void Full(ILogger logger, string name, int max);
    }
}
