namespace Servo.Client;

/// <summary>The values of <see cref="ServoRequestException.Kind"/> that are known today; a later gateway may send more.</summary>
public static class RefusalKinds
{
    /// <summary>The request is not of the documented form.</summary>
    public const string Malformed = "malformed";

    /// <summary>The signature is absent, of an unknown form or does not match.</summary>
    public const string BadSignature = "bad-signature";

    /// <summary>The archive is larger than the gateway takes.</summary>
    public const string TooLarge = "too-large";

    /// <summary>The gateway gave the upload up for others that arrived faster; nothing was run, and it may be sent again.</summary>
    public const string UploadDisplaced = "upload-displaced";

    /// <summary>The upload took longer than the gateway's settings allow.</summary>
    public const string UploadTimedOut = "upload-timed-out";

    /// <summary>The gateway's disk is full.</summary>
    public const string NoSpace = "no-space";

    /// <summary>All places for runs are taken.</summary>
    public const string Busy = "busy";

    /// <summary>The gateway is stopping.</summary>
    public const string ShuttingDown = "shutting-down";

    /// <summary>The gateway is a pod that was turned off.</summary>
    public const string PodOff = "pod-off";

    /// <summary>The gateway is a pod that was killed and takes no run any more.</summary>
    public const string PodKilled = "pod-killed";
}
