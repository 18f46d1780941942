namespace Servo.Client.Runs;

/// <summary>A run that the gateway accepted and gave up before its start, as it takes none any more: for its caller the same as a refusal.</summary>
internal static class GivenUpRun
{
    // What the gateway asks for where it can still refuse the request.
    private static readonly TimeSpan _retryAfter = TimeSpan.FromSeconds(30);

    /// <summary>The refusal that an outcome stands for; <see langword="null"/> if it is the end of a run.</summary>
    public static ServoRequestException? FaultOf(RunOutcome outcome, Gateway gateway)
    {
        if (outcome.Failure is not { Kind: FailureKinds.ShuttingDown or FailureKinds.PodOff or FailureKinds.PodKilled } failure)
            return null;

        return new ServoRequestException(ServoRequestError.Unavailable, $"{gateway.Name} did not start the run {outcome.RunId}: {failure.Detail}.")
        {
            Kind = failure.Kind,
            RunId = outcome.RunId,
            RetryAfter = failure.Kind == FailureKinds.PodKilled ? null : _retryAfter,
            NothingStarted = failure.Kind != FailureKinds.PodKilled,
        };
    }
}
