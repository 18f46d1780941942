using Microsoft.AspNetCore.Connections;

namespace Servo.AspNetCore.Connections;

/// <summary>What keeps a connection although others need its place.</summary>
internal enum ConnectionHold
{
    /// <summary>Nothing: whoever is at its other end has not shown the token.</summary>
    None,

    /// <summary>An upload that has a place of its own, and loses it by the rules for uploads.</summary>
    Upload,

    /// <summary>Somebody who has the token.</summary>
    Run,
}

/// <summary>One connection, and what it is used for at the moment. <see cref="ConnectionPlaces"/> guards its state.</summary>
internal sealed class ConnectionPlace(ConnectionContext connection, string sender, long now)
{
    private bool _isTrusted;

    public string Sender => sender;

    /// <summary>
    /// When it was made or, where it has served somebody who has the token, when its newest request began: any other's requests do not make it younger, as they
    /// may be late on a busy machine, and may be made for that.
    /// </summary>
    public long Since { get; private set; } = now;

    /// <summary>When it was made, or when its use changed last.</summary>
    public long Used { get; private set; } = now;

    /// <summary>Requests that are not answered.</summary>
    public int Requests { get; private set; }

    public ConnectionHold Hold { get; private set; }

    public void Begin(long time)
    {
        (Requests, Used) = (Requests + 1, time);

        if (_isTrusted)
            Since = time;
    }

    public void Keep(ConnectionHold hold)
    {
        if (Requests == 0)
            return;

        Hold = hold;
        _isTrusted |= hold == ConnectionHold.Run;
    }

    public void End(long time) => (Requests, Used, Hold) = (Requests - 1, time, Requests > 1 ? Hold : ConnectionHold.None);

    public void Abort()
    {
        connection.Abort(new ConnectionAbortedException("The connection was closed for others, or because the gateway stops."));
        ConnectionEnd.Of(connection).Come();
    }
}
