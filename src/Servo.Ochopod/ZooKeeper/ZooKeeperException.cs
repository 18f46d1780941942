namespace Servo.Ochopod.ZooKeeper;

/// <summary>Says that ZooKeeper did not carry out a call, or cannot be told to have done so.</summary>
/// <param name="code">Why.</param>
/// <param name="operation">What was to be done, such as <c>create</c>.</param>
/// <param name="path">The node that it was to be done to, if there is one.</param>
/// <param name="detail">What more is known about the cause.</param>
internal sealed class ZooKeeperException(ZooKeeperError code, string operation, string? path, string? detail = null)
    : Exception($"ZooKeeper: {operation}{(path is null ? "" : $" '{path}'")} failed: {code}{(detail is null ? "" : $" ({detail})")}.")
{
    /// <summary>Why the call failed.</summary>
    public ZooKeeperError Code => code;

    /// <summary>The node that the call was about, if there is one.</summary>
    public string? Path => path;
}

/// <summary>Why a call failed; the numbers are ZooKeeper's own, and one that is not listed here may come, too.</summary>
internal enum ZooKeeperError
{
    /// <summary>Nothing failed.</summary>
    None = 0,

    /// <summary>The connection broke before the answer came: the call may have been carried out.</summary>
    ConnectionLoss = -4,

    /// <summary>The call is too large to be sent, or its answer makes no sense.</summary>
    Marshalling = -5,

    /// <summary>The server does not know the operation.</summary>
    Unimplemented = -6,

    /// <summary>The server took too long.</summary>
    OperationTimeout = -7,

    /// <summary>The path or another argument is not valid.</summary>
    BadArguments = -8,

    /// <summary>There is no such node, or, for a new one, no parent.</summary>
    NoNode = -101,

    /// <summary>The node is protected.</summary>
    NoAuth = -102,

    /// <summary>The node has another version than the one that was named.</summary>
    BadVersion = -103,

    /// <summary>An ephemeral node can have no children.</summary>
    NoChildrenForEphemerals = -108,

    /// <summary>There is such a node already.</summary>
    NodeExists = -110,

    /// <summary>The node has children.</summary>
    NotEmpty = -111,

    /// <summary>The session has ended.</summary>
    SessionExpired = -112,

    /// <summary>Another server serves the session now.</summary>
    SessionMoved = -118,

    /// <summary>The server has too much to do.</summary>
    Throttled = -127,
}
