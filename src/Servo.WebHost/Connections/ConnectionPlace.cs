using Microsoft.AspNetCore.Connections;

namespace Servo.WebHost.Connections;

/// <summary>One connection, and what it is used for at the moment. <see cref="ConnectionPlaces"/> guards its state.</summary>
internal sealed class ConnectionPlace(ConnectionContext connection, string sender, long now)
{
    public string Sender => sender;

    /// <summary>When it was made, or when its use changed last.</summary>
    public long Since { get; private set; } = now;

    /// <summary>Requests that are not answered.</summary>
    public int Requests { get; private set; }

    /// <summary>Whether it serves somebody who has the token: it is kept then, whatever happens.</summary>
    public bool IsKept { get; private set; }

    public void Begin(long time) => (Requests, Since) = (Requests + 1, time);

    public void Keep() => IsKept = Requests > 0;

    public void End(long time) => (Requests, Since, IsKept) = (Requests - 1, time, IsKept && Requests > 1);

    public void Abort() => connection.Abort(new ConnectionAbortedException("The connection was closed for others, or because the gateway stops."));
}
