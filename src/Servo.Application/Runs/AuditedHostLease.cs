using Servo.Application.Auditing;
using Servo.Domain.Runs;

namespace Servo.Application.Runs;

/// <summary>Has the ends of runs that an earlier host left in the audit record.</summary>
public sealed class AuditedHostLease(IHostLease lease, IAuditLog audit) : IHostLease
{
    /// <inheritdoc/>
    public Task<HostId> JoinAsync(CancellationToken cancellationToken) => lease.JoinAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Run>> ReapAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var reaped = await lease.ReapAsync(now, cancellationToken);

        foreach (var run in reaped)
            audit.Record(new AuditEvent.RunEnded(run));

        return reaped;
    }
}
