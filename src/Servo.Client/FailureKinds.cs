namespace Servo.Client;

/// <summary>The values of <see cref="RunFailure.Kind"/> that are known today; a later gateway may send more.</summary>
public static class FailureKinds
{
    /// <summary>The upload is not an archive of a known format, or is damaged.</summary>
    public const string BadArchive = "bad-archive";

    /// <summary>The archive unpacks to more than the gateway takes.</summary>
    public const string ArchiveTooLarge = "archive-too-large";

    /// <summary>An entry of the archive would reach outside the run's directory, or is of a kind that is never made.</summary>
    public const string UnsafeEntry = "unsafe-entry";

    /// <summary>The servo token does not open a secret of the bundle.</summary>
    public const string UndecryptableSecret = "undecryptable-secret";

    /// <summary>A script is not in the bundle.</summary>
    public const string MissingScript = "missing-script";

    /// <summary>A script ended with an exit code other than 0.</summary>
    public const string ScriptFailed = "script-failed";

    /// <summary>The gateway ended the run at the time limit of its settings.</summary>
    public const string TimedOut = "timed-out";

    /// <summary>The gateway ended the run before it was done, mostly as it was stopped.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>The gateway's disk is full, so the bundle does not fit.</summary>
    public const string NoSpace = "no-space";

    /// <summary>The gateway itself failed; its log has the cause.</summary>
    public const string GatewayFault = "gateway-fault";

    /// <summary>The server does not tell the kind, as an original servo.</summary>
    public const string Unknown = "unknown";
}
