using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using Servo.Domain;

namespace Servo.Application.Runs;

/// <summary>
/// Limits the runs that are admitted (executing or queued) and those that execute. Only a run whose upload was verified takes a slot;
/// until then the upload has a place of <see cref="Uploads.UploadPlaces"/>.
/// </summary>
public sealed class RunAdmission(IOptions<AdmissionOptions> options) : IDisposable
{
    private readonly int _slots = options.Value.MaxConcurrent + options.Value.MaxQueued;
    private readonly Lock _gate = new();
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

    /// <summary>Why a run that came now would not be admitted, or <see langword="null"/>.</summary>
    public Refusal? Refusal
    {
        get
        {
            lock (_gate)
                return _closed ?? (Refusal?)(_admitted < _slots ? null : new Refusal.Busy(_slots));
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

    /// <summary>
    /// Waits, behind the runs that were admitted before, until an admitted run may execute; its slot is free again when the lease is disposed of.
    /// </summary>
    public async ValueTask<RateLimitLease> WaitForSlotAsync(CancellationToken cancellationToken)
    {
        var lease = await _executing.AcquireAsync(cancellationToken: cancellationToken);

        if (lease.IsAcquired)
            return lease;

        lease.Dispose();
        throw new InvalidOperationException("More runs wait for a slot than were admitted.");
    }

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

        internal AdmissionSlot(RunAdmission admission) => _admission = admission;

        /// <inheritdoc/>
        public void Dispose() => _admission.Leave();
    }
}
