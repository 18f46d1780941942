using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Servo.Application.Logs;
using Servo.Domain;
using Servo.Domain.Runs;

namespace Servo.Application.Runs;

/// <summary>The runs of this host that wait for a slot or a lock: what they hold meanwhile, and how their wait ends without a start.</summary>
public sealed partial class WaitingRuns(
    IRunStore store, IBundleStore bundles, IRunSignals signals, RunAdmission admission, TimeProvider time, ILogger<WaitingRuns> logger)
    : IAsyncDisposable, IDisposable
{
    private const int PageOfQueue = 500;

    private readonly ConcurrentDictionary<RunId, WaitingRun> _runs = [];

    /// <summary>A run has come, or one has gone for which others may have waited.</summary>
    internal event Action? Changed;

    internal int Count => _runs.Count;

    /// <summary>Knows of a run before the store does, so that nobody claims it without its archive.</summary>
    internal void Announce(WaitingRun waiting) => _runs[waiting.Run.Id] = waiting;

    /// <summary>The store has queued a run that was announced.</summary>
    internal void Queued(WaitingRun waiting)
    {
        waiting.IsQueued = true;
        Limit(waiting);
        Changed?.Invoke();
    }

    internal WaitingRun? Find(RunId id) => _runs.GetValueOrDefault(id);

    /// <summary>Hands a run over to its executor.</summary>
    internal WaitingRun? Take(RunId id) => _runs.TryRemove(id, out var waiting) ? waiting : null;

    /// <summary>Takes over what an earlier host has left in the queue, and deletes the archives of all other runs.</summary>
    internal async Task LoadAsync(CancellationToken cancellationToken)
    {
        await foreach (var run in QueueAsync(cancellationToken))
        {
            var waiting = new WaitingRun(run, upload: null) { Admitted = admission.AdmitAgain(), IsQueued = true };
            Announce(waiting);
            Limit(waiting);
        }

        foreach (var left in await bundles.ListAsync(cancellationToken))
        {
            if (!_runs.ContainsKey(left))
                await bundles.DeleteAsync(left);
        }
    }

    /// <summary>Counts those among the admitted that were not while the host admitted none.</summary>
    internal void AdmitAgain()
    {
        foreach (var waiting in _runs.Values)
            waiting.Admitted ??= admission.AdmitAgain();
    }

    /// <summary>A run has ended, or was never accepted, before anybody claimed it.</summary>
    internal async Task ForgetAsync(RunId id)
    {
        if (Take(id) is { } waiting)
            await waiting.DisposeAsync();

        await bundles.DeleteAsync(id);
        signals.Tell(id);
        Changed?.Invoke();
    }

    /// <summary>While the host admits none: whose caller waits is told so; what is detached stays queued.</summary>
    internal async Task DropAsync(Refusal.Closed why)
    {
        foreach (var waiting in _runs.Values)
        {
            // One whose acceptance is under way comes by again, or begins and is waited for.
            if (!waiting.IsQueued)
                continue;

            if (waiting.IsDetached)
            {
                waiting.Stay();
                continue;
            }

            waiting.Dropped = why;

            if (await store.CancelAsync(waiting.Run.Id, RunFailure.GivenUp.Because(why), time.GetUtcNow()) is CancelResult.Ended)
                await ForgetAsync(waiting.Run.Id);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _ = DisposeAsync().AsTask();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var waiting in _runs.Values)
            await waiting.DisposeAsync();
    }

    private void Limit(WaitingRun waiting)
    {
        if (waiting.Run.Order.QueueTimeout is not { } limit)
            return;

        // Where the clock was set back between two hosts, it begins anew.
        var waited = waiting.Since is { } since ? time.GetElapsedTime(since) : time.GetUtcNow() - waiting.Run.Accepted;
        var left = waited > TimeSpan.Zero ? limit - waited : limit;
        waiting.Limit = time.CreateTimer(
            _ => _ = ExpireAsync(waiting.Run.Id, limit), null, left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private async Task ExpireAsync(RunId id, TimeSpan limit)
    {
        try
        {
            if (_runs.ContainsKey(id)
                && await store.CancelAsync(id, new RunFailure.NotStarted(limit, "X-Queue-Timeout"), time.GetUtcNow()) is CancelResult.Ended)
                await ForgetAsync(id);
        }
        catch (Exception e)
        {
            Log.Faulted(logger, id, e);
        }
    }

    private async IAsyncEnumerable<Run> QueueAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var state in new[] { RunState.Queued, RunState.Waiting })
        {
            RunId? after = null;

            do
            {
                var page = await store.ListAsync(new RunQuery(PageOfQueue) { State = state, After = after }, cancellationToken);

                foreach (var record in page.Runs)
                    yield return record.Run;

                after = page.Next;
            }
            while (after is not null);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Run {RunId} could not be ended at the end of its wait")]
        public static partial void Faulted(ILogger logger, RunId runId, Exception exception);
    }
}
