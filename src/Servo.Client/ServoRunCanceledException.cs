namespace Servo.Client;

/// <summary>A call was cancelled; the message says what is known of its run and what to search for in the gateway's log.</summary>
public sealed class ServoRunCanceledException : OperationCanceledException
{
    /// <summary>Creates an exception for the token that was cancelled.</summary>
    public ServoRunCanceledException(string message, string? runId, CancellationToken cancellationToken, Exception? innerException = null)
        : base(message, innerException, cancellationToken) => RunId = runId;

    /// <summary>
    /// The id of the run that had started, as in the gateway's log; <see langword="null"/> if none had or its id is unknown.
    /// </summary>
    public string? RunId { get; }
}
