using Microsoft.Extensions.DependencyInjection;
using Servo.Application.Auditing;
using Servo.Application.Runs;
using Servo.Application.Scripts;
using Servo.Domain;
using Servo.Domain.Runs;
using Servo.Testing;

namespace Servo.Application.Tests.Auditing;

/// <summary>What the audit record learns of runs, in which order.</summary>
public sealed class AuditedRunsTests
{
    [Fact]
    public async Task A_run_is_recorded_from_its_acceptance_to_its_end()
    {
        using var core = new Core();
        core.OnScript = (_, _, _) => Task.FromResult(new ScriptExit(3, false));

        var run = (await core.RunAsync()).Value!;

        core.Audit.Events.Count.ShouldBe(3);
        core.Audit.Events[0].ShouldBeOfType<AuditEvent.RunAccepted>().Order.ShouldBe(run.Order);
        core.Audit.Events[1].ShouldBe(new AuditEvent.RunStarted(run.Id));
        var ended = core.Audit.Events[2].ShouldBeOfType<AuditEvent.RunEnded>().Ended;
        ended.State.ShouldBe(RunState.Failed);
        ended.Failure.ShouldBe(new RunFailure.ScriptFailed("a.py", 3));
        core.Audit.Events.ShouldAllBe(audited => audited.Run == run.Id);
    }

    [Fact]
    public async Task What_was_refused_is_not_recorded()
    {
        using var core = new Core();
        core.Digest = [1, 2, 3];

        (await core.RunAsync()).Refusal.ShouldBeOfType<Refusal.BadSignature>();

        core.Audit.Events.ShouldBeEmpty();
    }

    [Fact]
    public async Task Each_cancellation_is_recorded_and_one_end_of_the_run()
    {
        using var core = new Core(services => services.Configure<AdmissionOptions>(runs => (runs.MaxConcurrent, runs.MaxQueued) = (1, 5)));
        var begun = new TaskCompletionSource();
        core.OnScript = async (_, _, cancellationToken) =>
        {
            begun.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken).ContinueWith(_ => { }, TaskScheduler.Default);
            return new ScriptExit(143, true);
        };
        var running = (await core.Get<SubmitRun>().ExecuteAsync(Core.Request("a.py"), CancellationToken.None)).Value!.Id;
        await begun.Task;
        var queued = (await core.Get<SubmitRun>().ExecuteAsync(Core.Request("b.py"), CancellationToken.None)).Value!.Id;

        await CancelAsync(core, queued, "one");
        await CancelAsync(core, queued, "another");
        await CancelAsync(core, running, "one");
        (await core.Get<CancelRun>().ExecuteAsync(RunId.New(DateTimeOffset.UtcNow), "one", TestContext.Current.CancellationToken)).ShouldBeNull();

        Of(core, queued).ShouldBe(["RunAccepted", "RunEnded Cancelled", "CancelRequested one Cancelled", "CancelRequested another Cancelled"]);
        Of(core, running).ShouldBe(["RunAccepted", "RunStarted", "RunEnded Cancelled", "CancelRequested one Cancelled"]);
    }

    [Fact]
    public async Task The_end_is_recorded_once_although_two_at_the_same_time_say_the_same()
    {
        var audit = new RecordingAudit();
        var store = new AuditedRunStore(new MemoryRunStore(), audit);
        var now = DateTimeOffset.UnixEpoch;
        var run = Run.Accept(RunId.New(now), new RunOrder(ScriptList.Parse("a.py").Value!, RunVariables.None), now);
        await store.AcceptAsync(run, claimHere: null, maxQueued: 9, TestContext.Current.CancellationToken);

        for (var i = 0; i < 2; i++)
            await store.CancelAsync(run.Id, new RunFailure.Cancelled("it was cancelled"), now);

        audit.Events.OfType<AuditEvent.RunEnded>().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_run_that_did_not_start_in_time_has_its_end()
    {
        using var core = new Core();
        var begun = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        core.OnScript = async (_, _, _) =>
        {
            begun.SetResult();
            await gate.Task;
            return new ScriptExit(0, false);
        };
        var locks = RunLock.Parse(["one"]).Value!;
        var holder = core.RunAsync(Core.Request("a.py") with { Locks = locks });
        await begun.Task;

        var late = (await core.RunAsync(Core.Request("b.py") with { Locks = locks, QueueTimeout = TimeSpan.FromMilliseconds(1) })).Value!;

        gate.SetResult();
        await holder;
        Of(core, late.Id).ShouldBe(["RunAccepted", "RunEnded TimedOut"]);
    }

    [Fact]
    public async Task What_an_earlier_host_left_has_its_end()
    {
        var audit = new RecordingAudit();
        var lost = Run.Accept(RunId.New(DateTimeOffset.UtcNow), new RunOrder(ScriptList.Parse("a.py").Value!, RunVariables.None), DateTimeOffset.UtcNow)
            .Start(DateTimeOffset.UtcNow).Lose(DateTimeOffset.UtcNow);

        await new AuditedHostLease(new LeftOver(lost), audit).ReapAsync(DateTimeOffset.UtcNow, TestContext.Current.CancellationToken);

        audit.Events.ShouldBe([new AuditEvent.RunEnded(lost)]);
    }

    private static Task<RunRecord?> CancelAsync(Core core, RunId id, string by) =>
        core.Get<CancelRun>().ExecuteAsync(id, by, TestContext.Current.CancellationToken);

    private static IEnumerable<string> Of(Core core, RunId run) => core.Audit.Events.Where(audited => audited.Run == run).Select(audited => audited switch
    {
        AuditEvent.RunEnded ended => $"RunEnded {ended.Ended.State}",
        AuditEvent.CancelRequested cancel => $"CancelRequested {cancel.By} {cancel.Reached}",
        _ => audited.GetType().Name,
    });

    private sealed class LeftOver(Run run) : IHostLease
    {
        public Task<HostId> JoinAsync(CancellationToken cancellationToken) => Task.FromResult(HostId.New());

        public Task<IReadOnlyList<Run>> ReapAsync(DateTimeOffset now, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Run>>([run]);
    }
}
