using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Servo.Application.Scripts;
using Servo.Application.Uploads;
using Servo.Application.Workspaces;
using Servo.Domain.Runs;

namespace Servo.Application.Runs;

/// <summary>Claims the runs that wait, in their order, and executes each in a slot of this host.</summary>
public sealed partial class RunWorker : IAsyncDisposable, IDisposable
{
    private static readonly TimeSpan _retryDelay = TimeSpan.FromSeconds(1);

    private readonly IRunStore _store;
    private readonly IHostLease _lease;
    private readonly IBundleStore _bundles;
    private readonly IWorkspaceFactory _workspaces;
    private readonly WaitingRuns _waiting;
    private readonly LiveRuns _live;
    private readonly RunAdmission _admission;
    private readonly RunExecution _execution;
    private readonly TimeSpan _longestRun;
    private readonly TimeProvider _time;
    private readonly ILogger<RunWorker> _logger;

    private readonly Channel<bool> _pulse = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ConcurrentDictionary<RunId, Task> _claimed = [];
    private readonly Lock _gate = new();
    private HostId? _host;
    private Task _loop = Task.CompletedTask;

    /// <summary>Made once for a host.</summary>
    public RunWorker(
        IRunStore store,
        IHostLease lease,
        IBundleStore bundles,
        IWorkspaceFactory workspaces,
        WaitingRuns waiting,
        LiveRuns live,
        RunAdmission admission,
        RunExecution execution,
        IOptions<ScriptOptions> scripts,
        TimeProvider time,
        ILogger<RunWorker> logger)
    {
        (_store, _lease, _bundles, _workspaces, _waiting, _live) = (store, lease, bundles, workspaces, waiting, live);
        (_admission, _execution, _longestRun, _time, _logger) = (admission, execution, scripts.Value.Timeout, time, logger);
        _admission.Changed += Pulse;
        _waiting.Changed += Pulse;
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

        await _waiting.LoadAsync(cancellationToken);
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
        _waiting.Changed -= Pulse;
        _pulse.Writer.TryComplete();
        await _loop;

        // What cannot be kept now is found by the next host.
        await Task.WhenAny(Task.WhenAll(_claimed.Values), Task.Delay(RunDrain.KillGrace, _time));
    }

    /// <summary>The store has given the run to this host together with its acceptance.</summary>
    internal void Begin(ClaimedRun claimed, IDisposable slot)
    {
        if (_waiting.Find(claimed.Run.Id) is not null)
            Execute(claimed, slot);
        else
            slot.Dispose();
    }

    private void Pulse() => _pulse.Writer.TryWrite(true);

    private async Task LoopAsync()
    {
        await foreach (var _ in _pulse.Reader.ReadAllAsync())
        {
            try
            {
                if (_admission.Closed is { } closed)
                    await _waiting.DropAsync(closed);
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
        _waiting.AdmitAgain();
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
        WaitingRun waiting;
        LiveRun live;

        lock (_gate)
        {
            if (!_claimed.TryAdd(id, done.Task))
            {
                slot.Dispose();
                return;
            }

            waiting = _waiting.Find(id) ?? new WaitingRun(claimed.Run, upload: null);

            // Among the live before it leaves those that wait, so that a cancellation finds it in one of both.
            live = _live.Add(waiting.Live, claimed.Run);
            _waiting.Take(id);

            // Its acceptance and the host's stop have met, and the acceptance was first.
            waiting.Dropped = null;
        }

        var progress = _admission.Begin(claimed.Run.Order.Scripts, LimitOf(claimed.Run.Order));

        _ = Task.Run(async () =>
        {
            try
            {
                await ExecuteAsync(claimed.Claim, live, waiting, Release);
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
            progress.Dispose();
            waiting.Admitted?.Dispose();
            slot.Dispose();
        }
    }

    private TimeSpan LimitOf(RunOrder order) => order.Timeout is { } asked && asked < _longestRun ? asked : _longestRun;

    private async Task ExecuteAsync(RunClaim claim, LiveRun run, WaitingRun waiting, Action ended)
    {
        VerifiedUpload upload;

        try
        {
            upload = await waiting.TakeUploadAsync() ?? await FetchAsync(run.Run);
        }
        catch (Exception e)
        {
            await _execution.FailAsync(claim, run, e, ended);
            return;
        }

        await _execution.ExecuteAsync(claim, run, upload, ended);

        if (run.Run.Order.IsDetached || waiting.IsDetached)
            await _bundles.DeleteAsync(claim.Run);
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
