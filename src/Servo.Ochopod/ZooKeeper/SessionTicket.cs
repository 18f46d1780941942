namespace Servo.Ochopod.ZooKeeper;

/// <summary>What a client shows a server at the beginning of a connection: which session it has, or that it wants a new one.</summary>
/// <param name="Id">The session; 0 for a new one.</param>
/// <param name="Password">What proves that it is the client's.</param>
/// <param name="Timeout">How long the session lives without being heard of: asked for at first, granted later.</param>
/// <param name="Seen">The last transaction that the client has seen the effects of; a server that lags behind it hangs up.</param>
internal sealed record SessionTicket(long Id, ReadOnlyMemory<byte> Password, TimeSpan Timeout, long Seen)
{
    private const int PasswordBytes = 16;

    /// <summary>Below this a session could not be kept: it is heard of only a few times in each time-out.</summary>
    private static readonly TimeSpan _shortestTimeout = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest that an answer may be: a few dozen bytes.</summary>
    public const int LongestAnswer = 1024;

    /// <summary>Asks for a new session.</summary>
    public static SessionTicket New(TimeSpan timeout) => new(0, new byte[PasswordBytes], timeout, 0);

    public byte[] ToFrame() => new JuteWriter()
        .Int(0)
        .Long(Seen)
        .Int((int)Timeout.TotalMilliseconds)
        .Long(Id)
        .Buffer(Password.Span)
        .Bool(false)
        .ToFrame();

    /// <summary>The ticket that the server's answer grants.</summary>
    /// <exception cref="ZooKeeperException">The session has expired.</exception>
    /// <exception cref="InvalidDataException">What answered is not a ZooKeeper server.</exception>
    public SessionTicket Granted(ReadOnlySpan<byte> answer)
    {
        var reader = new JuteReader(answer);
        reader.Int();
        var timeout = TimeSpan.FromMilliseconds(reader.Int());
        var id = reader.Long();
        var password = reader.Buffer();

        if (Id != 0 && id == 0 && timeout <= TimeSpan.Zero)
            throw new ZooKeeperException(ZooKeeperError.SessionExpired, "connect", null);

        if (timeout < _shortestTimeout || id == 0 || (Id != 0 && id != Id))
            throw new InvalidDataException($"it granted session 0x{id:x} for {timeout.TotalMilliseconds} ms");

        return this with { Id = id, Password = password, Timeout = timeout };
    }
}
