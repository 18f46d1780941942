namespace Servo.Domain.Runs;

/// <summary>Ends a run before it is done, and keeps why: the reason and the token that tells of it are one value, and the first reason counts.</summary>
#pragma warning disable CA1001 // The source has no timer and is linked to nothing, so there is nothing to dispose of.
public sealed class RunCancellation
#pragma warning restore CA1001
{
    private readonly CancellationTokenSource _source = new();
    private CancellationReason? _reason;

    /// <summary>Cancelled once there is a reason.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Why the run is to end, or <see langword="null"/>.</summary>
    public CancellationReason? Reason => Volatile.Read(ref _reason);

    /// <summary>Ends the run, unless it is to end for another reason already.</summary>
    public void Cancel(CancellationReason reason)
    {
        if (Interlocked.CompareExchange(ref _reason, reason, null) is null)
            _ = _source.CancelAsync();
    }

    /// <summary>Ends the run after this time, from one millisecond to 49 days, unless what is returned is disposed of before.</summary>
    public IDisposable CancelAfter(TimeSpan limit, CancellationReason reason, TimeProvider time) =>
        time.CreateTimer(_ => Cancel(reason), null, limit, Timeout.InfiniteTimeSpan);
}

/// <summary>Why a run is ended before it is done: one closed set.</summary>
public abstract record CancellationReason
{
    // Private, so that the records below are all there are.
    private CancellationReason()
    {
    }

    /// <summary>What becomes of a run that was ended in this script.</summary>
    public abstract RunFailure In(string script);

    /// <summary>Its time limit, which the setting or header of that name holds.</summary>
    public sealed record TimeLimit(TimeSpan Limit, string Source) : CancellationReason
    {
        /// <inheritdoc/>
        public override RunFailure In(string script) => new RunFailure.TimedOut(script, Limit, Source);
    }

    /// <summary>The gateway takes no runs any more.</summary>
    public sealed record Closed(Refusal.Closed Why) : CancellationReason
    {
        /// <inheritdoc/>
        public override RunFailure In(string script) => new RunFailure.Cancelled(Why.WhyEnded);
    }

    /// <summary>Somebody asked for it; why is the end of a sentence.</summary>
    public sealed record Requested(string Why) : CancellationReason
    {
        /// <inheritdoc/>
        public override RunFailure In(string script) => new RunFailure.Cancelled(Why);
    }
}
