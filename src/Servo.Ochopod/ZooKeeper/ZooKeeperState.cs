namespace Servo.Ochopod.ZooKeeper;

/// <summary>How a session stands.</summary>
internal enum ZooKeeperState
{
    /// <summary>A server serves the session.</summary>
    Connected,

    /// <summary>The connection was lost; the session lives on if a server takes it back in time.</summary>
    Suspended,

    /// <summary>The ensemble has ended the session, or must be taken to have done so. This is the last state.</summary>
    Expired,

    /// <summary>The session was closed on this side. This is the last state.</summary>
    Closed,
}
