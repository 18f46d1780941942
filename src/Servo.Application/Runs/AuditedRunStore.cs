using Servo.Application.Auditing;
using Servo.Domain.Runs;

namespace Servo.Application.Runs;

/// <summary>Has the acceptance, the start and the end of each run in the audit record once the store has kept them.</summary>
public sealed class AuditedRunStore(IRunStore store, IAuditLog audit) : IRunStore
{
    /// <inheritdoc/>
    public async Task<Acceptance> AcceptAsync(Run run, HostId? claimHere, int maxQueued, CancellationToken cancellationToken)
    {
        var acceptance = await store.AcceptAsync(run, claimHere, maxQueued, cancellationToken);

        if (acceptance is Acceptance.Accepted accepted)
        {
            audit.Record(new AuditEvent.RunAccepted(run.Id, run.Order));

            if (accepted is { Claim: not null, Record.Run.State: RunState.Running })
                audit.Record(new AuditEvent.RunStarted(run.Id));
        }

        return acceptance;
    }

    /// <inheritdoc/>
    public Task<bool> DetachAsync(RunId id) => store.DetachAsync(id);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ClaimedRun>> ClaimAsync(HostId host, int slots, IReadOnlyCollection<RunId> known, CancellationToken cancellationToken) =>
        store.ClaimAsync(host, slots, known, cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> StartAsync(RunClaim claim, DateTimeOffset now)
    {
        var mayStart = await store.StartAsync(claim, now);

        if (mayStart)
            audit.Record(new AuditEvent.RunStarted(claim.Run));

        return mayStart;
    }

    /// <inheritdoc/>
    public Task<bool> ReleaseAsync(RunClaim claim) => store.ReleaseAsync(claim);

    /// <inheritdoc/>
    public async Task<bool> FinishAsync(RunClaim claim, Run ended, long logBytes)
    {
        var isKept = await store.FinishAsync(claim, ended, logBytes);

        if (isKept)
            audit.Record(new AuditEvent.RunEnded(ended));

        return isKept;
    }

    /// <inheritdoc/>
    public async Task<CancelResult> CancelAsync(RunId id, RunFailure why, DateTimeOffset now)
    {
        var result = await store.CancelAsync(id, why, now);

        if (result is CancelResult.Ended { Record.Run: var ended, ByThis: true })
            audit.Record(new AuditEvent.RunEnded(ended));

        return result;
    }

    /// <inheritdoc/>
    public Task<RunRecord?> FindAsync(RunId id, CancellationToken cancellationToken) => store.FindAsync(id, cancellationToken);

    /// <inheritdoc/>
    public Task<RunPage> ListAsync(RunQuery query, CancellationToken cancellationToken) => store.ListAsync(query, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RunId>> TrimAsync(Retention keep, DateTimeOffset now, CancellationToken cancellationToken) =>
        store.TrimAsync(keep, now, cancellationToken);
}
