namespace Servo.Domain;

/// <summary>Why a request was not carried out: one closed set, each with an HTTP status, which several may share.</summary>
public abstract record Refusal
{
    // Private, so that the records below are all there are; a host has reasons of its own for Closed.
    private Refusal(string kind, string detail) => (Kind, Detail) = (kind, detail);

    /// <summary>A stable, machine-readable name of the cause, in lower case with hyphens.</summary>
    public string Kind { get; }

    /// <summary>One sentence for a person that names the thing; never holds a secret.</summary>
    public string Detail { get; }

    /// <summary>The request is not of the documented form.</summary>
    public sealed record Malformed(string Detail) : Refusal("malformed", Detail);

    /// <summary>The signature is absent, of an unknown form or does not match; all three read alike, so nothing can be probed.</summary>
    public sealed record BadSignature() : Refusal("bad-signature",
        "The upload's signature is absent or does not match. Send X-Signature: sha256=<hex>, the HMAC of the archive's bytes keyed with the servo token.");

    /// <summary>The upload is larger than its limit, which the setting of that name holds.</summary>
    public sealed record UploadTooLarge(long MaxBytes, string Setting) : Refusal("too-large",
        $"The upload is larger than {MaxBytes} bytes ({Setting}).");

    /// <summary>The name of the request was given to another request before.</summary>
    public sealed record IdempotencyKeyReused() : Refusal("idempotency-key-reused",
        "Another request was accepted under this Idempotency-Key. Send the same request again, or choose another key.");

    /// <summary>There is no run of this id, or it is kept no longer.</summary>
    public sealed record UnknownRun() : Refusal("unknown-run", "There is no run of this id, or it is kept no longer.");

    /// <summary>A part of a log was asked for of which the log has no byte.</summary>
    public sealed record RangeNotSatisfiable(long Length) : Refusal("range-not-satisfiable", $"The log has {Length} bytes, and none in this range.");

    /// <summary>A request about runs is not signed, not signed with the token, or signed at another time.</summary>
    public sealed record BadRequestSignature() : Refusal("unsigned-request",
        "The request's signature is absent or does not match. Send X-Timestamp: <unix seconds>, within 300 seconds of the gateway's "
        + "clock, and X-Signature: sha256=<hex>, "
        + "the HMAC of METHOD, line feed, path and query, line feed, timestamp, keyed with the servo token.");

    /// <summary>The gateway's disk is full: what a caller sent does not fit.</summary>
    public sealed record NoSpace() : Refusal(KindName, Sentence)
    {
        internal const string KindName = "no-space";
        internal const string Sentence = "the gateway's disk is full; its operator must make room";
    }

    /// <summary>Where runs are kept, under the setting of that name, no new one can be.</summary>
    public sealed record StateFull(string Why) : Refusal("state-full", $"The gateway cannot keep a new run: {Why}")
    {
        /// <summary>The disk is full.</summary>
        public static StateFull NoRoom(string setting) => new($"the disk under {setting} is full. Its operator must make room.");

        /// <summary>The folder is not the one any more in which the gateway began.</summary>
        public static StateFull Gone(string setting) =>
            new($"the folder under {setting} was deleted or replaced. Its operator must start it again.");
    }

    /// <summary>The upload lost its place to others before it had arrived; none of it was run.</summary>
    public sealed record UploadDisplaced() : Refusal("upload-displaced",
        "The upload was given up for others that wait: it arrived more slowly than the rest, or held more bytes. Send it again.");

    /// <summary>The upload took longer than its limit, which the setting of that name holds.</summary>
    public sealed record UploadTimedOut(TimeSpan Limit, string Setting) : Refusal("upload-timed-out",
        $"The upload did not arrive within {Limit.TotalSeconds:0.###} seconds ({Setting}).");

    /// <summary>All slots, those of the queue among them, are taken; one is likely free again after this time.</summary>
    public sealed record Busy(int Slots, TimeSpan RetryAfter) : Refusal("busy", $"All {Slots} places for runs are taken. Try again later.");

    /// <summary>The gateway takes no run, for a reason of its host.</summary>
    /// <param name="Kind">The name of the reason.</param>
    /// <param name="Detail">The reason as a sentence.</param>
    /// <param name="WhyEnded">The reason for which runs in progress are ended, as the end of a sentence.</param>
    /// <param name="MayReopen">Whether it may take runs again.</param>
    public record Closed(string Kind, string Detail, string WhyEnded, bool MayReopen) : Refusal(Kind, Detail);

    /// <summary>The gateway is stopping and takes no new run.</summary>
    public sealed record ShuttingDown() : Closed(
        "shutting-down", "The gateway is shutting down. Try again later.", "the gateway is shutting down", MayReopen: true);

    /// <summary>A command that did not reach the portal, or whose answer did not come back: then it may have been carried out.</summary>
    public sealed record PortalUnavailable(string Detail) : Refusal("portal-unavailable", Detail);

    /// <summary>A callback that names no run in progress.</summary>
    public sealed record UnknownCallback() : Refusal("unknown-callback", "No run in progress has this callback token.");

    /// <summary>Callbacks that together hold more than what the run's directory may, which the setting of that name holds.</summary>
    public sealed record CallbacksTooLarge(long MaxBytes, string Setting) : Refusal("callbacks-too-large",
        $"The callbacks to this run hold more than {MaxBytes} bytes together ({Setting}).");

    /// <summary>A callback tag that would replace something of the bundle or of a script.</summary>
    public sealed record CallbackTagTaken(string Tag) : Refusal("callback-tag-taken",
        $"'{Tag}' is already in the run's directory and is not a callback's. Choose another tag.");
}
