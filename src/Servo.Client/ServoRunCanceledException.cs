namespace Servo.Client;

/// <summary>A call that was cancelled, with what is known of its run; the message says what to look for in the gateway's log.</summary>
public sealed class ServoRunCanceledException : OperationCanceledException
{
    /// <summary>Makes an exception of the token that was cancelled.</summary>
    public ServoRunCanceledException(string message, string? runId, CancellationToken cancellationToken, Exception? innerException = null)
        : base(message, innerException, cancellationToken) => RunId = runId;

    /// <summary>The id of the run that had begun, as in the gateway's log; <see langword="null"/> where none had or its id is not known.</summary>
    public string? RunId { get; }
}
