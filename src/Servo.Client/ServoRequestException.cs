using System.Net;

namespace Servo.Client;

/// <summary>A gateway refused a request, could not be reached, or its answer did not come to an end; the message says what to check.</summary>
public sealed class ServoRequestException : Exception
{
    /// <summary>Makes an exception.</summary>
    public ServoRequestException(ServoRequestError error, string description, Exception? innerException = null) : base(description, innerException) => Error = error;

    /// <summary>What went wrong.</summary>
    public ServoRequestError Error { get; }

    /// <summary>The message without <see cref="Hint"/>, for programs that have advice of their own.</summary>
    public string Description => base.Message;

    /// <summary>The member of this library or of the platform that helps; <see langword="null"/> where none does.</summary>
    public string? Hint { get; init; }

    /// <summary>The description and the hint.</summary>
    public override string Message => Hint is null ? Description : $"{Description} {Hint}";

    /// <summary>The status of the answer; <see langword="null"/> where there was none.</summary>
    public HttpStatusCode? StatusCode { get; init; }

    /// <summary>The gateway's stable name of the cause (the member <c>kind</c> of its problem document, RFC 9457), one of <see cref="RefusalKinds"/> or of a later gateway; <see langword="null"/> where it gave none.</summary>
    public string? Kind { get; init; }

    /// <summary>When to try again, as the gateway asks; <see langword="null"/> where it does not.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The id of the run that was in progress, as in the gateway's log; <see langword="null"/> where none had begun or its id is not known.</summary>
    public string? RunId { get; init; }

    /// <summary>Whether it is certain that no run has begun, so that the request may be sent again.</summary>
    internal bool NothingStarted { get; init; }
}
