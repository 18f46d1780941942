using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using Servo.Domain;

namespace Servo.Application.Runs;

/// <summary>
/// Limits the runs that are admitted (executing or queued) and those that execute. Only a run whose upload was verified takes a slot;
/// until then the upload has a place of <see cref="Uploads.UploadPlaces"/>.
/// </summary>
public sealed class RunAdmission(IOptions<AdmissionOptions> options, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan _shortestWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestWait = TimeSpan.FromMinutes(10);

    private readonly int _slots = options.Value.MaxConcurrent + options.Value.MaxQueued;
    private readonly Lock _gate = new();
    private readonly RunForecast _forecast = new(time);
    private readonly ConcurrencyLimiter _executing = new(new()
    {
        PermitLimit = options.Value.MaxConcurrent,
        QueueLimit = options.Value.MaxConcurrent + options.Value.MaxQueued,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    private TaskCompletionSource _empty = NewSource();
    private CancellationTokenSource _closing = new();
    private int _admitted;
    private Refusal.Closed? _closed;

    /// <summary>Raised when a slot is free again, and when runs are admitted no more or again.</summary>
    internal event Action? Changed;

    /// <summary>Why a run that came now would not be admitted, or <see langword="null"/>.</summary>
    public Refusal? Refusal
    {
        get
        {
            lock (_gate)
                return _closed ?? (Refusal?)(_admitted < _slots ? null : new Refusal.Busy(_slots, NextSlot));
        }
    }

    /// <summary>When a slot is likely to be free again, in whole seconds: once the next run ends.</summary>
    internal TimeSpan NextSlot =>
        TimeSpan.FromSeconds(Math.Clamp(
            Math.Ceiling(_forecast.NextEnd.TotalSeconds), _shortestWait.TotalSeconds, _longestWait.TotalSeconds));

    /// <summary>Why no run is admitted at all, or <see langword="null"/>.</summary>
    internal Refusal.Closed? Closed
    {
        get
        {
            lock (_gate)
                return _closed;
        }
    }

    /// <summary>Cancelled when no further run is admitted; uploads in progress are in vain then.</summary>
    internal CancellationToken Closing => Volatile.Read(ref _closing).Token;

    /// <summary>Admits no further run, and tells callers why; the task completes when the last admitted run has ended.</summary>
    public Task CloseAsync(Refusal.Closed why)
    {
        Task empty;

        lock (_gate)
        {
            _closed = why;

            if (_admitted == 0)
                _empty.TrySetResult();

            empty = _empty.Task;
        }

        _ = _closing.CancelAsync();
        Changed?.Invoke();
        return empty;
    }

    /// <summary>Admits runs again.</summary>
    public void Open()
    {
        lock (_gate)
        {
            _closed = null;

            // The old source stays undisposed: an upload that it has ended may still ask its token.
            if (_closing.IsCancellationRequested)
                Volatile.Write(ref _closing, new CancellationTokenSource());

            if (_empty.Task.IsCompleted)
                _empty = NewSource();
        }

        Changed?.Invoke();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _executing.Dispose();
        _closing.Dispose();
    }

    /// <summary>Admits a run, or says why not; it counts until the slot is disposed of.</summary>
    public Result<AdmissionSlot> Admit()
    {
        lock (_gate)
        {
            if (Refusal is { } refusal)
                return refusal;

            _admitted++;
            return new AdmissionSlot(this);
        }
    }

    /// <summary>Counts a run that was admitted before, by this host or another.</summary>
    internal AdmissionSlot AdmitAgain()
    {
        lock (_gate)
        {
            _admitted++;
            return new AdmissionSlot(this);
        }
    }

    /// <summary>A slot to execute in, free again when it is disposed of; <see langword="null"/> where none is free, or others wait for one.</summary>
    internal ExecutionSlot? TryTakeSlot()
    {
        var lease = _executing.AttemptAcquire();

        if (lease.IsAcquired)
            return Slot(lease);

        lease.Dispose();
        return null;
    }

    /// <summary>Waits for a slot to execute in, free again when it is disposed of.</summary>
    public async ValueTask<ExecutionSlot> WaitForSlotAsync(CancellationToken cancellationToken)
    {
        var lease = await _executing.AcquireAsync(cancellationToken: cancellationToken);

        if (lease.IsAcquired)
            return Slot(lease);

        lease.Dispose();
        throw new InvalidOperationException("More runs wait for a slot than were admitted.");
    }

    /// <summary>A run begins in a slot, which may take as long as this; it ends when what is returned is disposed of.</summary>
    internal IDisposable Begin(ScriptList scripts, TimeSpan limit) => _forecast.Begin(scripts, limit);

    private ExecutionSlot Slot(RateLimitLease lease) => new(lease, () => Changed?.Invoke());

    private void Leave()
    {
        lock (_gate)
        {
            if (--_admitted == 0 && _closed is not null)
                _empty.TrySetResult();
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>An admitted run.</summary>
    public sealed class AdmissionSlot : IDisposable
    {
        private readonly RunAdmission _admission;
        private int _disposed;

        internal AdmissionSlot(RunAdmission admission) => _admission = admission;

        /// <inheritdoc/>
        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
                _admission.Leave();
        }
    }
}

/// <summary>One of the slots in which a host executes runs.</summary>
public sealed class ExecutionSlot : IDisposable
{
    private readonly RateLimitLease _lease;
    private readonly Action _freed;
    private int _disposed;

    internal ExecutionSlot(RateLimitLease lease, Action freed) => (_lease, _freed) = (lease, freed);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (GiveBack())
            _freed();
    }

    /// <summary>Frees a slot that was not used, so that nothing is new for those who wait for one.</summary>
    internal bool GiveBack()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return false;

        _lease.Dispose();
        return true;
    }
}
