using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using Servo.Domain;

namespace Servo.Application.Runs;

/// <summary>Says which runs may come in and which may execute: an upload takes a place among all, and only a verified one waits for a place to execute.</summary>
public sealed class RunAdmission(IOptions<ServoOptions> options) : IDisposable
{
    private readonly int _places = options.Value.Runs.MaxConcurrent + options.Value.Runs.MaxQueued;
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly ConcurrencyLimiter _executing = new(new()
    {
        PermitLimit = options.Value.Runs.MaxConcurrent,
        QueueLimit = options.Value.Runs.MaxConcurrent + options.Value.Runs.MaxQueued,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    private int _present;
    private bool _closed;

    /// <summary>Why a run that comes now would not be let in, or <see langword="null"/>.</summary>
    public Rejection? Refusal
    {
        get
        {
            lock (_gate)
                return _closed ? new Rejection.ShuttingDown() : _present < _places ? null : new Rejection.Busy(_places);
        }
    }

    /// <summary>Lets no further run in; the task ends when the last of those that are in has ended.</summary>
    public Task CloseAsync()
    {
        lock (_gate)
        {
            _closed = true;

            if (_present == 0)
                _empty.TrySetResult();
        }

        return _empty.Task;
    }

    /// <inheritdoc/>
    public void Dispose() => _executing.Dispose();

    internal Result<Presence> Enter()
    {
        lock (_gate)
        {
            if (Refusal is { } refusal)
                return refusal;

            _present++;
            return new Presence(this);
        }
    }

    internal ValueTask<RateLimitLease> WaitForPlaceAsync(CancellationToken cancellationToken) => _executing.AcquireAsync(cancellationToken: cancellationToken);

    private void Leave()
    {
        lock (_gate)
        {
            if (--_present == 0 && _closed)
                _empty.TrySetResult();
        }
    }

    internal sealed class Presence(RunAdmission admission) : IDisposable
    {
        public void Dispose() => admission.Leave();
    }
}
