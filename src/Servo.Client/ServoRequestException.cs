using System.Net;

namespace Servo.Client;

/// <summary>A gateway refused a request, could not be reached, or broke off its answer; the message says what to check.</summary>
public sealed class ServoRequestException : Exception
{
    /// <summary>Creates an exception.</summary>
    public ServoRequestException(
        ServoRequestError error, string description, Exception? innerException = null) : base(description, innerException) =>
        Error = error;

    /// <summary>What went wrong.</summary>
    public ServoRequestError Error { get; }

    /// <summary>The message without <see cref="Hint"/>, for programs with their own advice.</summary>
    public string Description => base.Message;

    /// <summary>The member of this library or of the platform that helps; <see langword="null"/> if none does.</summary>
    public string? Hint { get; init; }

    /// <summary>The description and the hint.</summary>
    public override string Message => Hint is null ? Description : $"{Description} {Hint}";

    /// <summary>The status code of the answer; <see langword="null"/> if there was none.</summary>
    public HttpStatusCode? StatusCode { get; init; }

    /// <summary>
    /// The gateway's stable name of the cause (the member <c>kind</c> of its problem document, RFC 9457): one of
    /// <see cref="RefusalKinds"/>, or one that a later gateway adds; <see langword="null"/> if it gave none.
    /// </summary>
    public string? Kind { get; init; }

    /// <summary>The delay before the next attempt that the gateway asks for; <see langword="null"/> if it asks for none.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>
    /// The id of the run that was in progress, as in the gateway's log; <see langword="null"/> if none had started or its id is unknown.
    /// </summary>
    public string? RunId { get; init; }

    /// <summary>Whether it is certain that no run has started, so that the request may be retried.</summary>
    internal bool NothingStarted { get; init; }
}
