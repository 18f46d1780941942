using Microsoft.AspNetCore.Connections;

namespace Servo.AspNetCore.Connections;

/// <summary>
/// When a connection is over: once it breaks or its server is done with it, and not yet when its sender ends what it sends, as it may still read. Until then it
/// takes a descriptor, and so its place.
/// </summary>
#pragma warning disable CA1001 // Nobody knows who is the last to ask, and the source holds nothing that must be freed once it was cancelled.
internal sealed class ConnectionEnd
#pragma warning restore CA1001
{
    /// <summary>What there is to answer a sender that has ended what it sends.</summary>
    private static readonly TimeSpan _halfCloseTimeout = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _over = new();

    private ConnectionEnd()
    {
    }

    public CancellationToken Token => _over.Token;

    /// <summary>The end of this connection, the same for everybody who asks.</summary>
    public static ConnectionEnd Of(ConnectionContext connection)
    {
        if (connection.Features.Get<ConnectionEnd>() is { } known)
            return known;

        var end = new ConnectionEnd();
        connection.Features.Set(end);
        connection.ConnectionClosed.UnsafeRegister(static end => ((ConnectionEnd)end!)._over.CancelAfter(_halfCloseTimeout), end);
        return end;
    }

    /// <summary>Tells everybody at once.</summary>
    public void Come() => _over.Cancel();
}
