using Servo.Application.Runs;
using Servo.Domain;
using Servo.Domain.Runs;

namespace Servo.Infrastructure.Tests.Runs;

/// <summary>What each part of the conformance suite of <see cref="IRunStore"/> needs.</summary>
public abstract class RunStoreConformance(IRunState state) : IDisposable
{
    protected const int Unlimited = int.MaxValue;

    private long _milliseconds;

    protected IRunState State { get; private set; } = state;

    protected IRunStore Store => State.Store;

    protected HostId Host { get; } = HostId.New();

    /// <summary>A millisecond after the last; stores keep no smaller ones.</summary>
    protected DateTimeOffset Now => new DateTimeOffset(2026, 11, 26, 8, 0, 0, TimeSpan.Zero).AddMilliseconds(Interlocked.Increment(ref _milliseconds));

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        State.Dispose();
        GC.SuppressFinalize(this);
    }

    protected void Reopen() => State = State.Reopen();

    /// <summary>A run of these locks, in the notation of <c>X-Lock</c>.</summary>
    protected Run Make(string locks = "", string? key = null, string digest = "1", bool isDetached = true, string script = "a.py")
    {
        var now = Now;

        return Run.Accept(
            RunId.New(now),
            new RunOrder(ScriptList.Parse(script).Value!, RunVariables.From([new("WORD", "secret")]).Value!)
            {
                Locks = RunLock.Parse([locks]).Value!,
                Key = key is null ? null : new IdempotencyKey(key, digest),
                IsDetached = isDetached,
                Timeout = TimeSpan.FromSeconds(7),
                Caller = "192.0.2.1",
                ArchiveDigest = "ab",
                ArchiveBytes = 4711,
            },
            now);
    }

    /// <summary>Accepts a run that waits for its turn.</summary>
    protected async Task<Run> QueueAsync(string locks = "", bool isDetached = true)
    {
        var run = Make(locks, isDetached: isDetached);
        (await Store.AcceptAsync(run, claimHere: null, Unlimited, Token)).ShouldBeOfType<Acceptance.Accepted>().Claim.ShouldBeNull();
        return run;
    }

    /// <summary>Claims the next run.</summary>
    protected async Task<ClaimedRun> ClaimAsync(HostId? host = null, params RunId[] known) =>
        (await Store.ClaimAsync(host ?? Host, 1, known, Token)).ShouldHaveSingleItem();

    /// <summary>Accepts, claims and starts a run.</summary>
    protected async Task<ClaimedRun> StartAsync(string locks = "", HostId? host = null, bool isDetached = true)
    {
        await QueueAsync(locks, isDetached);
        var claimed = await ClaimAsync(host);
        var now = Now;
        (await Store.StartAsync(claimed.Claim, now)).ShouldBeTrue();
        return claimed with { Run = claimed.Run.Start(now) };
    }

    protected async Task<RunRecord> FindAsync(RunId id) => (await Store.FindAsync(id, Token)).ShouldNotBeNull();

    protected async Task<RunState> StateOfAsync(RunId id) => (await FindAsync(id)).Run.State;

    /// <summary>Ends a started run well.</summary>
    protected async Task<Run> FinishAsync(ClaimedRun started, long logBytes = 0)
    {
        var ended = started.Run.Add(new ScriptResult("a.py", 0, TimeSpan.FromMilliseconds(12.5))).Succeed(Now);
        (await Store.FinishAsync(started.Claim, ended, logBytes)).ShouldBeTrue();
        return ended;
    }
}
