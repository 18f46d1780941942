using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Servo.Application.Logs;
using Servo.Application.Uploads;
using Servo.Application.Workspaces;
using Servo.Domain;
using Servo.Domain.Runs;

namespace Servo.Application.Runs;

/// <summary>Claims the runs that wait, in their order, and executes each in a slot of this host.</summary>
public sealed partial class RunWorker : IAsyncDisposable, IDisposable
{
    private const int PageOfQueue = 500;

    private static readonly TimeSpan _retryDelay = TimeSpan.FromSeconds(1);

    private readonly IRunStore _store;
    private readonly IHostLease _lease;
    private readonly IRunSignals _signals;
    private readonly IBundleStore _bundles;
    private readonly IWorkspaceFactory _workspaces;
    private readonly RunAdmission _admission;
    private readonly RunExecution _execution;
    private readonly TimeProvider _time;
    private readonly ILogger<RunWorker> _logger;

    private readonly Channel<bool> _pulse = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ConcurrentDictionary<RunId, WaitingRun> _waiting = [];
    private readonly ConcurrentDictionary<RunId, Task> _claimed = [];
    private readonly Lock _gate = new();
    private HostId? _host;
    private Task _loop = Task.CompletedTask;

    /// <summary>Made once for a host.</summary>
    public RunWorker(
        IRunStore store,
        IHostLease lease,
        IRunSignals signals,
        IBundleStore bundles,
        IWorkspaceFactory workspaces,
        RunAdmission admission,
        RunExecution execution,
        TimeProvider time,
        ILogger<RunWorker> logger)
    {
        (_store, _lease, _signals, _bundles, _workspaces) = (store, lease, signals, bundles, workspaces);
        (_admission, _execution, _time, _logger) = (admission, execution, time, logger);
        _admission.Changed += Pulse;
    }

    /// <summary>This host in the store.</summary>
    /// <exception cref="InvalidOperationException">It was not started.</exception>
    internal HostId Host => _host ?? throw new InvalidOperationException("No run is taken before RunWorker.StartAsync.");

    /// <summary>Joins the store's hosts, ends what hosts that are gone have left, and begins to claim.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _host = await _lease.JoinAsync(cancellationToken);

        foreach (var run in await _lease.ReapAsync(_time.GetUtcNow(), cancellationToken))
            Log.Reaped(_logger, run.Id, run.State);

        await foreach (var run in QueueAsync(cancellationToken))
        {
            var waiting = new WaitingRun(run, upload: null) { Admitted = _admission.AdmitAgain() };
            _waiting[run.Id] = waiting;
            Limit(waiting);
        }

        foreach (var left in await _bundles.ListAsync(cancellationToken))
        {
            if (!_waiting.ContainsKey(left))
                await _bundles.DeleteAsync(left);
        }

        _loop = Task.Run(LoopAsync, CancellationToken.None);
        Pulse();
    }

    /// <summary>Completes when this host has nothing of the run left, its workspace included.</summary>
    public Task GoneAsync(RunId id) => _claimed.GetValueOrDefault(id) ?? Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _ = DisposeAsync().AsTask();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _admission.Changed -= Pulse;
        _pulse.Writer.TryComplete();
        await _loop;

        // What cannot be kept now is found by the next host.
        await Task.WhenAny(Task.WhenAll(_claimed.Values), Task.Delay(RunDrain.KillGrace, _time));

        foreach (var waiting in _waiting.Values)
            await waiting.DisposeAsync();
    }

    /// <summary>Knows of a run before the store does, so that nobody claims it without its archive.</summary>
    internal void Announce(WaitingRun waiting) => _waiting[waiting.Run.Id] = waiting;

    /// <summary>The store has queued a run that was announced.</summary>
    internal void Queued(WaitingRun waiting)
    {
        Limit(waiting);
        Pulse();
    }

    /// <summary>The store has given the run to this host together with its acceptance.</summary>
    internal void Begin(RunClaim claim, IDisposable slot)
    {
        if (_waiting.TryGetValue(claim.Run, out var waiting))
            Execute(new ClaimedRun(claim, waiting.Run), slot);
        else
            slot.Dispose();
    }

    /// <summary>A run has ended, or was never accepted, before anybody claimed it.</summary>
    internal async Task ForgetAsync(RunId id)
    {
        if (_waiting.TryRemove(id, out var waiting))
            await waiting.DisposeAsync();

        await _bundles.DeleteAsync(id);
        _signals.Tell(id);
        Pulse();
    }

    private void Pulse() => _pulse.Writer.TryWrite(true);

    private async Task LoopAsync()
    {
        await foreach (var _ in _pulse.Reader.ReadAllAsync())
        {
            try
            {
                if (_admission.Closed is { } closed)
                    await DropAsync(closed);
                else
                    await ClaimAsync();
            }
            catch (Exception e)
            {
                Log.NotClaimed(_logger, e);
                await Task.Delay(_retryDelay, _time);
                Pulse();
            }
        }
    }

    private async Task ClaimAsync()
    {
        foreach (var waiting in _waiting.Values)
            waiting.Admitted ??= _admission.AdmitAgain();

        var slots = new Stack<ExecutionSlot>();

        try
        {
            while (slots.Count < _waiting.Count && _admission.TryTakeSlot() is { } slot)
                slots.Push(slot);

            if (slots.Count == 0)
                return;

            foreach (var claimed in await _store.ClaimAsync(Host, slots.Count, [.. _claimed.Keys], CancellationToken.None))
                Execute(claimed, slots.Pop());
        }
        finally
        {
            foreach (var unused in slots)
                unused.GiveBack();
        }
    }

    /// <summary>Executes a run once, whichever way its claim came first: with its acceptance, or with the next look at the queue.</summary>
    private void Execute(ClaimedRun claimed, IDisposable slot)
    {
        var id = claimed.Run.Id;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        WaitingRun? waiting;

        lock (_gate)
        {
            if (!_claimed.TryAdd(id, done.Task))
            {
                slot.Dispose();
                return;
            }

            if (!_waiting.TryRemove(id, out waiting))
                waiting = new WaitingRun(claimed.Run, upload: null);

            // Its acceptance and the host's stop have met, and the acceptance was first.
            waiting.Dropped = null;
        }

        _ = Task.Run(async () =>
        {
            try
            {
                await ExecuteAsync(claimed, waiting, Release);
            }
            catch (Exception e)
            {
                Log.Faulted(_logger, id, e);
            }
            finally
            {
                _claimed.TryRemove(id, out _);
                Release();
                done.SetResult();
            }
        });

        void Release()
        {
            waiting.Admitted?.Dispose();
            slot.Dispose();
        }
    }

    private async Task ExecuteAsync(ClaimedRun claimed, WaitingRun waiting, Action ended)
    {
        VerifiedUpload upload;

        try
        {
            upload = waiting.TakeUpload() ?? await FetchAsync(claimed.Run);
        }
        catch (Exception e)
        {
            await _execution.FailAsync(claimed.Claim, claimed.Run, e, ended);
            return;
        }

        await _execution.ExecuteAsync(claimed.Claim, claimed.Run, upload, ended);

        if (claimed.Run.Order.IsDetached)
            await _bundles.DeleteAsync(claimed.Run.Id);
    }

    private async Task<VerifiedUpload> FetchAsync(Run run)
    {
        var workspace = _workspaces.Create();

        try
        {
            await _bundles.FetchAsync(run.Id, workspace.ArchivePath, CancellationToken.None);
        }
        catch (Exception e)
        {
            // Without its archive the run fails as one whose archive cannot be read.
            Log.NoArchive(_logger, run.Id, e);
        }

        return new VerifiedUpload(workspace, run.Order.ArchiveBytes, run.Order.ArchiveDigest);
    }

    /// <summary>While the host admits none: whose caller waits is told so; what is detached stays queued.</summary>
    private async Task DropAsync(Refusal.Closed why)
    {
        foreach (var waiting in _waiting.Values)
        {
            if (waiting.Run.Order.IsDetached)
            {
                waiting.Admitted?.Dispose();
                waiting.Admitted = null;
                continue;
            }

            waiting.Dropped = why;

            // One that the store does not know yet comes by again.
            if (await _store.CancelAsync(waiting.Run.Id, new RunFailure.Cancelled(why.WhyEnded), _time.GetUtcNow()) is CancelResult.Ended)
                await ForgetAsync(waiting.Run.Id);
        }
    }

    private void Limit(WaitingRun waiting)
    {
        if (waiting.Run.Order.QueueTimeout is not { } limit)
            return;

        var left = waiting.Run.Accepted + limit - _time.GetUtcNow();
        waiting.Limit = _time.CreateTimer(
            _ => _ = ExpireAsync(waiting.Run.Id, limit), null, left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private async Task ExpireAsync(RunId id, TimeSpan limit)
    {
        try
        {
            if (_waiting.ContainsKey(id) && await _store.CancelAsync(id, new RunFailure.NotStarted(limit, "X-Queue-Timeout"), _time.GetUtcNow()) is CancelResult.Ended)
                await ForgetAsync(id);
        }
        catch (Exception e)
        {
            Log.Faulted(_logger, id, e);
        }
    }

    private async IAsyncEnumerable<Run> QueueAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var state in new[] { RunState.Queued, RunState.Waiting })
        {
            RunId? after = null;

            do
            {
                var page = await _store.ListAsync(new RunQuery(PageOfQueue) { State = state, After = after }, cancellationToken);

                foreach (var record in page.Runs)
                    yield return record.Run;

                after = page.Next;
            }
            while (after is not null);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Run {RunId} is {State}: its host ended before it did")]
        public static partial void Reaped(ILogger logger, RunId runId, RunState state);

        [LoggerMessage(2, LogLevel.Error, "No run could be claimed; it is tried again")]
        public static partial void NotClaimed(ILogger logger, Exception exception);

        [LoggerMessage(3, LogLevel.Error, "The archive of run {RunId} cannot be read")]
        public static partial void NoArchive(ILogger logger, RunId runId, Exception exception);

        [LoggerMessage(4, LogLevel.Error, "Run {RunId} was left in the store as it is, because the gateway failed")]
        public static partial void Faulted(ILogger logger, RunId runId, Exception exception);
    }
}
