namespace Servo.Client;

/// <summary>The values of <see cref="ServoRequestException.Kind"/> that are known today; a later gateway may send more.</summary>
public static class RefusalKinds
{
    /// <summary>The request is malformed.</summary>
    public const string Malformed = "malformed";

    /// <summary>The signature is missing, malformed or does not match.</summary>
    public const string BadSignature = "bad-signature";

    /// <summary>The archive exceeds the gateway's limit.</summary>
    public const string TooLarge = "too-large";

    /// <summary>The gateway dropped the upload in favour of faster ones; nothing ran, and it may be sent again.</summary>
    public const string UploadDisplaced = "upload-displaced";

    /// <summary>The upload exceeded the gateway's time limit.</summary>
    public const string UploadTimedOut = "upload-timed-out";

    /// <summary>The gateway's disk is full.</summary>
    public const string NoSpace = "no-space";

    /// <summary>The gateway already runs as many runs as it may.</summary>
    public const string Busy = "busy";

    /// <summary>The disk that keeps the gateway's runs is full, or their folder was deleted.</summary>
    public const string StateFull = "state-full";

    /// <summary>The gateway is stopping.</summary>
    public const string ShuttingDown = "shutting-down";

    /// <summary>The idempotency key belongs to a run that was asked for otherwise.</summary>
    public const string IdempotencyKeyReused = "idempotency-key-reused";

    /// <summary>
    /// The signature of a request about runs is missing or does not match, or the clocks differ by more than 300 seconds.
    /// </summary>
    public const string UnsignedRequest = "unsigned-request";

    /// <summary>The gateway knows no run of this id.</summary>
    public const string UnknownRun = "unknown-run";

    /// <summary>The log has no byte of the part that was asked for.</summary>
    public const string RangeNotSatisfiable = "range-not-satisfiable";

    /// <summary>The gateway is a pod that is switched off.</summary>
    public const string PodOff = "pod-off";

    /// <summary>The gateway is a pod that was killed and accepts no more runs.</summary>
    public const string PodKilled = "pod-killed";
}
