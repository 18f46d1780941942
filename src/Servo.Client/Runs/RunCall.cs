namespace Servo.Client.Runs;

/// <summary>
/// One call that follows a run: begins when the first event is requested, and closes the connection on disposal; the run continues without
/// it.
/// </summary>
internal abstract class RunCall : IDisposable
{
    // Between the end of the upload and the first answer.
    private static readonly TimeSpan _longestWaitForId = TimeSpan.FromSeconds(3);

    private readonly CallLimit _limit;
    private readonly CancellationTokenRegistration _runCancellation;
    private readonly SemaphoreSlim _idKnown = new(0);
    private volatile string? _runId;
    private RunFollower? _follower;

    protected RunCall(
        Gateway gateway,
        RunResources resources,
        TimeSpan timeout,
        string? runId,
        CancellationToken runCancellation,
        CancellationToken cancellationToken)
    {
        (Gateway, Resources, _limit) = (gateway, resources, new CallLimit(timeout, cancellationToken));
        _runId = runId;
        _runCancellation = runCancellation.Register(() => _ = CancelRunAsync());
    }

    /// <summary>The run's id, once it is known.</summary>
    protected string? RunId => _runId;

    protected Gateway Gateway { get; }

    protected RunResources Resources { get; }

    protected CancellationToken Token => _limit.Token;

    /// <summary>Whether a run may exist whose id is not known.</summary>
    protected abstract bool MayHaveBegun { get; }

    /// <summary>The next event, the last of which is <see cref="RunEvent.Completed"/>.</summary>
    public async Task<RunEvent> NextAsync()
    {
        try
        {
            _follower ??= await BeginAsync().ConfigureAwait(false);
            var next = await _follower.NextAsync().ConfigureAwait(false);

            while (next is RunEvent.Completed { Outcome: var outcome } && FaultOf(outcome) is { } fault)
            {
                await RepeatAsync(fault).ConfigureAwait(false);
                next = await _follower.NextAsync().ConfigureAwait(false);
            }

            if (_runId is null && _follower.RunId is { } id)
            {
                _runId = id;
                _idKnown.Release();
            }

            return next;
        }
        catch (OperationCanceledException e) when (_limit.Token.IsCancellationRequested)
        {
            throw _limit.Passed(Gateway, _runId ?? _follower?.RunId, MayHaveBegun, e);
        }
    }

    public virtual void Dispose()
    {
        _runCancellation.Dispose();
        _follower?.Dispose();
        _limit.Dispose();
    }

    protected abstract Task<RunFollower> BeginAsync();

    /// <summary>Why an outcome is none for the caller, as the run is to be asked for again; <see langword="null"/> if it is one.</summary>
    protected abstract ServoRequestException? FaultOf(RunOutcome outcome);

    /// <summary>Asks for the run again, or throws the fault where that must not be.</summary>
    protected abstract Task<RunFollower> BeginAgainAsync(ServoRequestException fault);

    private async Task RepeatAsync(ServoRequestException fault)
    {
        // A cancellation meanwhile has no run to cancel.
        _runId = null;
        await _idKnown.WaitAsync(0).ConfigureAwait(false);

        var follower = await BeginAgainAsync(fault).ConfigureAwait(false);
        _follower!.Dispose();
        _follower = follower;
    }

    private async Task CancelRunAsync()
    {
        try
        {
            if (_runId is null && MayHaveBegun)
                await _idKnown.WaitAsync(_longestWaitForId, Token).ConfigureAwait(false);

            if (_runId is { } id)
            {
                await Resources.CancelAsync(id, Token).ConfigureAwait(false);
                return;
            }
        }
        catch (Exception e) when (e is ServoRequestException or OperationCanceledException or ObjectDisposedException)
        {
            // The gateway does not cancel it.
        }

        _limit.Leave();
    }
}
