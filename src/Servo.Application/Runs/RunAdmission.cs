using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using Servo.Domain;

namespace Servo.Application.Runs;

/// <summary>Says which runs may come in and which may execute. An upload takes a place among all; only a verified one waits for a place to execute.</summary>
public sealed class RunAdmission : IDisposable
{
    private readonly int _places;
    private readonly ConcurrencyLimiter _house;
    private readonly ConcurrencyLimiter _executing;
    private volatile bool _closed;

    /// <summary>Makes as many places as the options say.</summary>
    public RunAdmission(IOptions<ServoOptions> options)
    {
        var runs = options.Value.Runs;
        _places = runs.MaxConcurrent + runs.MaxQueued;
        _house = Limiter(_places, queued: 0);
        _executing = Limiter(runs.MaxConcurrent, queued: _places);
    }

    /// <summary>Whether a run that comes now would be let in.</summary>
    public bool IsOpen => !_closed && _house.GetStatistics() is null or { CurrentAvailablePermits: > 0 };

    /// <summary>How many runs are in: arriving, waiting or executing.</summary>
    public long Present => _places - (_house.GetStatistics()?.CurrentAvailablePermits ?? 0);

    /// <summary>Lets no further run in; those that are in go on.</summary>
    public void Close() => _closed = true;

    /// <inheritdoc/>
    public void Dispose()
    {
        _house.Dispose();
        _executing.Dispose();
    }

    internal Result<RateLimitLease> Enter()
    {
        if (_closed)
            return new Rejection.ShuttingDown();

        var lease = _house.AttemptAcquire();
        return lease.IsAcquired ? lease : new Rejection.Busy(_places);
    }

    internal ValueTask<RateLimitLease> WaitForPlaceAsync(CancellationToken cancellationToken) =>
        _executing.AcquireAsync(cancellationToken: cancellationToken);

    private static ConcurrencyLimiter Limiter(int permits, int queued) =>
        new(new() { PermitLimit = permits, QueueLimit = queued, QueueProcessingOrder = QueueProcessingOrder.OldestFirst });
}
