namespace Servo.Client.Runs;

/// <summary>The limit of a call: the caller's cancellation or the call's timeout.</summary>
internal sealed class CallLimit : IDisposable
{
    private readonly TimeSpan _limit;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _source;
    private bool _left;

    public CallLimit(TimeSpan limit, CancellationToken caller)
    {
        (_limit, _caller) = (limit, caller);
        _source = CancellationTokenSource.CreateLinkedTokenSource(caller);
        _source.CancelAfter(limit);
    }

    public CancellationToken Token => _source.Token;

    /// <summary>The exception for the caller: it cancelled the call, or the timeout expired.</summary>
    public Exception Passed(Gateway gateway, string? runId, bool mayHaveBegun, Exception cause)
    {
        var detached = DetachedRunMessage.AfterLeaving(runId, mayHaveBegun);

        return _caller.IsCancellationRequested || _left
            ? new ServoRunCanceledException($"The call was cancelled. {detached}", runId, _left ? _source.Token : _caller, cause)
            : new ServoRequestException(
                ServoRequestError.TimedOut,
                $"{gateway.Name} did not answer within the {_limit.TotalSeconds:0.###} seconds of this call. {detached}",
                cause)
            {
                RunId = runId,
            };
    }

    /// <summary>Ends the call as if its caller had cancelled it.</summary>
    public void Leave()
    {
        _left = true;

        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The call has ended by itself.
        }
    }

    public void Dispose() => _source.Dispose();
}
