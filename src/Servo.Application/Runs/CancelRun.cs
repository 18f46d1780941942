using Microsoft.Extensions.Logging;
using Servo.Application.Auditing;
using Servo.Domain.Runs;

namespace Servo.Application.Runs;

/// <summary>Ends a run, wherever it stands: at once while it waits; else its script gets TERM, a grace, and KILL.</summary>
public sealed partial class CancelRun
{
    private static readonly TimeSpan _longest = RunDrain.KillGrace + TimeSpan.FromSeconds(2);

    private readonly IRunStore _store;
    private readonly LiveRuns _live;
    private readonly WaitingRuns _waiting;
    private readonly FollowRun _follow;
    private readonly IAuditLog _audit;
    private readonly TimeProvider _time;
    private readonly ILogger<CancelRun> _logger;

    /// <summary>Made once for a host.</summary>
    public CancelRun(IRunStore store, LiveRuns live, WaitingRuns waiting, FollowRun follow, IAuditLog audit, TimeProvider time, ILogger<CancelRun> logger) =>
        (_store, _live, _waiting, _follow, _audit, _time, _logger) = (store, live, waiting, follow, audit, time, logger);

    /// <summary>
    /// Ends the run for somebody, and returns it as it stands once it has ended, or after a few seconds; <see langword="null"/> where there is none of this id.
    /// </summary>
    public async Task<RunRecord?> ExecuteAsync(RunId id, string by, CancellationToken cancellationToken)
    {
        var why = $"{by} cancelled it";

        switch (await _store.CancelAsync(id, new RunFailure.Cancelled(why), _time.GetUtcNow()))
        {
            case CancelResult.Ended ended:
                Log.Cancelled(_logger, id, by, ended.Record.Run.State);
                _audit.Record(new AuditEvent.CancelRequested(id, by, ended.Record.Run.State));
                await _waiting.ForgetAsync(id);
                return ended.Record;
            case CancelResult.Requested requested:
                Log.Cancelled(_logger, id, by, requested.Record.Run.State);
                (_waiting.Find(id)?.Live ?? _live.Find(id))?.Cancellation.Cancel(new CancellationReason.Requested(why));
                return await EndAsync(requested.Record, by, cancellationToken);
            default:
                return null;
        }
    }

    /// <summary>Waits for the end of a run that its host ends.</summary>
    private async Task<RunRecord> EndAsync(RunRecord requested, string by, CancellationToken cancellationToken)
    {
        var reached = requested;

        try
        {
            return reached = await EndAsync(requested.Run.Id, cancellationToken) ?? requested;
        }
        finally
        {
            // Also where the caller that cancelled it has hung up meanwhile.
            _audit.Record(new AuditEvent.CancelRequested(requested.Run.Id, by, reached.Run.State));
        }
    }

    private async Task<RunRecord?> EndAsync(RunId id, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_longest, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);

        try
        {
            return await _follow.EndAsync(id, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return await _follow.FindAsync(id, cancellationToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Run {RunId} was cancelled by {Caller} while it was {State}")]
        public static partial void Cancelled(ILogger logger, RunId runId, string caller, RunState state);
    }
}
