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

    /// <summary>All places for runs are taken.</summary>
    public const string Busy = "busy";

    /// <summary>The gateway is stopping.</summary>
    public const string ShuttingDown = "shutting-down";

    /// <summary>The gateway is a pod that was turned off.</summary>
    public const string PodOff = "pod-off";
}
