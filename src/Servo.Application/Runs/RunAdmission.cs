using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using Servo.Domain;

namespace Servo.Application.Runs;

/// <summary>Says which runs may come in and which may execute. Only a run whose upload was verified has a place here; until then it has one of <see cref="Uploads.UploadPlaces"/>.</summary>
public sealed class RunAdmission(IOptions<ServoOptions> options) : IDisposable
{
    private readonly int _places = options.Value.Runs.MaxConcurrent + options.Value.Runs.MaxQueued;
    private readonly Lock _gate = new();
    private readonly ConcurrencyLimiter _executing = new(new()
    {
        PermitLimit = options.Value.Runs.MaxConcurrent,
        QueueLimit = options.Value.Runs.MaxConcurrent + options.Value.Runs.MaxQueued,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    private TaskCompletionSource _empty = NewSource();
    private CancellationTokenSource _closing = new();
    private int _present;
    private Rejection? _closed;

    /// <summary>Why a run that comes now would not be let in, or <see langword="null"/>.</summary>
    public Rejection? Refusal
    {
        get
        {
            lock (_gate)
                return _closed ?? (_present < _places ? null : new Rejection.Busy(_places));
        }
    }

    /// <summary>Cancelled when no further run is let in; uploads that are under way are in vain then.</summary>
    internal CancellationToken Closing => Volatile.Read(ref _closing).Token;

    /// <summary>Lets no further run in, for a reason that callers are told; the task ends when the last of those that are in has ended.</summary>
    public Task CloseAsync(Rejection why)
    {
        Task empty;

        lock (_gate)
        {
            _closed = why;

            if (_present == 0)
                _empty.TrySetResult();

            empty = _empty.Task;
        }

        _ = _closing.CancelAsync();
        return empty;
    }

    /// <summary>Lets runs in again.</summary>
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

    /// <summary>Lets a run in, or says why not; it is in until the presence is disposed of.</summary>
    public Result<Presence> Enter()
    {
        lock (_gate)
        {
            if (Refusal is { } refusal)
                return refusal;

            _present++;
            return new Presence(this);
        }
    }

    /// <summary>Waits, behind those that came before, until a run that is in may execute; it does until the lease is disposed of.</summary>
    public ValueTask<RateLimitLease> WaitForPlaceAsync(CancellationToken cancellationToken) => _executing.AcquireAsync(cancellationToken: cancellationToken);

    private void Leave()
    {
        lock (_gate)
        {
            if (--_present == 0 && _closed is not null)
                _empty.TrySetResult();
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A run that is in.</summary>
    public sealed class Presence : IDisposable
    {
        private readonly RunAdmission _admission;

        internal Presence(RunAdmission admission) => _admission = admission;

        /// <inheritdoc/>
        public void Dispose() => _admission.Leave();
    }
}
