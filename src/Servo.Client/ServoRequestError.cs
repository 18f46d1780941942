namespace Servo.Client;

/// <summary>The reason why a request has no outcome.</summary>
public enum ServoRequestError
{
    /// <summary>No connection could be made; nothing has started.</summary>
    Unreachable,

    /// <summary>No secure connection could be made, usually because the server's certificate is not trusted; nothing has started.</summary>
    InsecureConnection,

    /// <summary>The signature was not accepted (403), usually because the token is wrong.</summary>
    BadSignature,

    /// <summary>
    /// The request was refused (400, 404, 405, 414, 431 and others below 500), for instance because a variable has a reserved name or a
    /// large value.
    /// </summary>
    BadRequest,

    /// <summary>The archive exceeds the gateway's limit (413).</summary>
    TooLarge,

    /// <summary>The gateway already runs as many runs as it may (429), even after the retries.</summary>
    Busy,

    /// <summary>The gateway, or a proxy in front of it, failed or does not accept requests (5xx), even after the retries.</summary>
    Unavailable,

    /// <summary>The answer did not come from a servo.</summary>
    NotAServo,

    /// <summary>The connection broke before the run ended; it is unknown whether the run continues.</summary>
    ConnectionLost,

    /// <summary>The call's time limit was exceeded; a run that has started continues.</summary>
    TimedOut,

    /// <summary>A gateway that sends heartbeats during a run has sent none for a minute; it is unknown whether the run continues.</summary>
    Unresponsive,

    /// <summary>The server is an original servo or an older gateway, which does not know the request.</summary>
    NotSupported,
}
