using Servo.Domain.Runs;

namespace Servo.Application.Runs;

/// <summary>Makes this process a host of the store's runs, and ends what hosts that are gone have left.</summary>
public interface IHostLease
{
    /// <summary>Joins under a new id.</summary>
    /// <exception cref="IOException">The store takes no further host; the message says why, for an operator.</exception>
    Task<HostId> JoinAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Of hosts that are gone: running runs become lost; what was not started is queued again where it is detached, else cancelled, as its caller saw its
    /// connection break. Locks are freed. Returns the runs that have ended by this.
    /// </summary>
    Task<IReadOnlyList<Run>> ReapAsync(DateTimeOffset now, CancellationToken cancellationToken);
}
