namespace Servo.Client.Runs;

/// <summary>The end of a call: the caller's cancellation, or its time limit.</summary>
internal sealed class TimeLimit : IDisposable
{
    private readonly TimeSpan _limit;
    private readonly CancellationTokenSource _source;

    public TimeLimit(TimeSpan limit, CancellationToken cancellationToken)
    {
        _limit = limit;
        _source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _source.CancelAfter(limit);
    }

    public CancellationToken Token => _source.Token;

    public ServoRequestException Passed(Gateway gateway, string? runId, Exception cause) =>
        new(ServoRequestError.TimedOut, $"{gateway.Name} did not answer within the {_limit.TotalSeconds:0.###} seconds of this call. {RunFate.Of(runId)}", cause) { RunId = runId };

    public void Dispose() => _source.Dispose();
}
