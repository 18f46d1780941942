namespace Servo.Domain;

/// <summary>Why a caller's request was refused or its run failed: a value, for what the caller can mend.</summary>
/// <param name="Kind">A stable, machine-readable name of the cause, in lower case with hyphens.</param>
/// <param name="Detail">One sentence for a person that names the thing; never holds a secret.</param>
public abstract record Rejection(string Kind, string Detail)
{
    /// <summary>The request is not of the documented form, so no run could start.</summary>
    public sealed record Malformed(string Detail) : Rejection("malformed", Detail);

    /// <summary>The signature is absent, of an unknown form or does not match; all three read alike, so nothing can be probed.</summary>
    public sealed record BadSignature() : Rejection("bad-signature",
        "The upload's signature is absent or does not match. Send X-Signature: sha256=<hex>, the HMAC of the archive's bytes keyed with the servo token.");

    /// <summary>The archive, or what it unpacks to, exceeds a configured limit before or while it is read.</summary>
    public sealed record UploadTooLarge(long MaxBytes) : Rejection("too-large",
        $"The upload is larger than {MaxBytes} bytes (Servo:Uploads:MaxBytes).");

    /// <summary>The gateway's disk is full: what a caller sent, or what its run makes, does not fit.</summary>
    public sealed record NoSpace() : Rejection("no-space", "the gateway's disk is full; its operator must make room");

    /// <summary>The upload lost its place to others before it had arrived; none of it was run.</summary>
    public sealed record UploadDisplaced() : Rejection("upload-displaced",
        "The upload was given up for others that wait: it arrived more slowly than the rest, or held more bytes. Send it again.");

    /// <summary>The upload took longer than it may.</summary>
    public sealed record UploadTimedOut(TimeSpan Limit) : Rejection("upload-timed-out",
        $"The upload did not arrive within {Limit.TotalSeconds:0.###} seconds (Servo:Uploads:Timeout).");

    /// <summary>All run places and all places in the queue are taken.</summary>
    public sealed record Busy(int Places) : Rejection("busy", $"All {Places} places for runs are taken. Try again later.");

    /// <summary>The gateway is stopping and takes no new run.</summary>
    public sealed record ShuttingDown() : Closed("shutting-down", "The gateway is shutting down. Try again later.", "the gateway is shutting down", MayReopen: true);

    /// <summary>The gateway takes no run, for a reason of its host.</summary>
    /// <param name="Kind">The name of the reason.</param>
    /// <param name="Detail">The reason as a sentence.</param>
    /// <param name="WhyEnded">The reason for which runs in progress are ended, as the end of a sentence.</param>
    /// <param name="MayReopen">Whether it may take runs again.</param>
    public record Closed(string Kind, string Detail, string WhyEnded, bool MayReopen) : Rejection(Kind, Detail);

    /// <summary>The upload is not an archive of a known format, or is damaged.</summary>
    public sealed record BadArchive(string Why) : Rejection("bad-archive", $"unable to open the archive ({Why})");

    /// <summary>The archive unpacks to more than a configured limit.</summary>
    public sealed record ArchiveTooLarge(string Why) : Rejection("archive-too-large", $"unable to open the archive ({Why})");

    /// <summary>An archive entry would reach outside the run's directory or is of a kind that is never made.</summary>
    public sealed record UnsafeEntry(string Path, string Why) : Rejection("unsafe-entry", $"the archive entry '{Path}' {Why}");

    /// <summary>A secret that the servo token does not open.</summary>
    public sealed record UndecryptableSecret(string Path, string Why) : Rejection("undecryptable-secret", $"unable to decrypt {Path} ({Why})");

    /// <summary>A script that is neither a file of the bundle, or one that an earlier script wrote, nor a folder with a <c>__main__.py</c>.</summary>
    public sealed record MissingScript(string Script, string Why = "check your scripts") : Rejection("missing-script", $"unable to find {Script} ({Why})")
    {
        /// <summary>A script whose file came by a callback.</summary>
        public static MissingScript Delivered(string script) => new(script, "a file of this name came by a callback, and what comes so is never run");
    }

    /// <summary>A script that ended with a non-zero exit code, 128 + n where signal n ended it.</summary>
    public sealed record ScriptFailed(string Script, int ExitCode) : Rejection("script-failed", $"{Script} failed on exit code {ExitCode}");

    /// <summary>A run that was ended at its time limit.</summary>
    public sealed record TimedOut(string Script, TimeSpan Limit) : Rejection("timed-out",
        $"{Script} was ended after the run's {Limit.TotalSeconds:0.###} seconds (Servo:Scripts:Timeout)");

    /// <summary>A run that the gateway ended before it was done.</summary>
    public sealed record Cancelled(string Why) : Rejection("cancelled", $"the run was ended: {Why}");

    /// <summary>A run that ended because the gateway itself failed; its log has the cause.</summary>
    public sealed record GatewayFault(string Detail) : Rejection("gateway-fault", Detail);

    /// <summary>A command that did not reach the portal, or whose answer did not come back.</summary>
    public sealed record PortalUnavailable(string Detail) : Rejection("portal-unavailable", Detail);

    /// <summary>A callback that names no run in progress.</summary>
    public sealed record UnknownCallback() : Rejection("unknown-callback", "No run in progress has this callback token.");

    /// <summary>Callbacks that together hold more than what the run's directory may.</summary>
    public sealed record CallbacksTooLarge(long MaxBytes) : Rejection("callbacks-too-large",
        $"The callbacks to this run hold more than {MaxBytes} bytes together (Servo:Archives:MaxBytes).");

    /// <summary>A callback tag that would replace something of the bundle or of a script.</summary>
    public sealed record CallbackTagTaken(string Tag) : Rejection("callback-tag-taken",
        $"'{Tag}' is already in the run's directory and is not a callback's. Choose another tag.");
}
