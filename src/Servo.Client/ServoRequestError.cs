namespace Servo.Client;

/// <summary>Why a request had no outcome.</summary>
public enum ServoRequestError
{
    /// <summary>No connection could be made; nothing has started.</summary>
    Unreachable,

    /// <summary>No secure connection could be made, mostly as the server's certificate is not trusted; nothing has started.</summary>
    InsecureConnection,

    /// <summary>The signature was not accepted (403): mostly a wrong token.</summary>
    BadSignature,

    /// <summary>The request was not accepted as it is (400, 404, 405, 414, 431 and others below 500), such as for a variable with a reserved name or a large value.</summary>
    BadRequest,

    /// <summary>The archive is larger than the gateway takes (413).</summary>
    TooLarge,

    /// <summary>All places for runs are taken (429), also after the retries.</summary>
    Busy,

    /// <summary>The gateway, or a proxy in front of it, failed or takes no requests now (5xx), also after the retries.</summary>
    Unavailable,

    /// <summary>What answered is no servo.</summary>
    NotAServo,

    /// <summary>The connection broke before the run had ended; whether the run goes on is not known.</summary>
    ConnectionLost,

    /// <summary>The time limit for the whole call has passed; a run that has begun is not stopped by that.</summary>
    TimedOut,

    /// <summary>A gateway that gives signs of life during a run has given none for a minute; whether the run goes on is not known.</summary>
    Unresponsive,
}
