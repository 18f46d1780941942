using Microsoft.Extensions.DependencyInjection;
using Servo.Application.Runs;
using Servo.Application.Scripts;
using Servo.Domain;
using Servo.Domain.Runs;
using Servo.Testing;

namespace Servo.Application.Tests.Runs;

public sealed class RunAdmissionTests
{
    [Fact]
    public async Task Refuses_what_finds_no_place_and_runs_the_queue_in_order()
    {
        using var core = CoreOf(concurrent: 1, queued: 1);
        var gate = new TaskCompletionSource();
        var executing = 0;
        core.OnScript = async (_, _, _) =>
        {
            Interlocked.Increment(ref executing).ShouldBe(1);
            await gate.Task;
            Interlocked.Decrement(ref executing);
            return new ScriptExit(0, false);
        };

        var first = core.RunAsync();
        var second = core.RunAsync();
        await HoldsAsync(() => core.Get<RunAdmission>().Refusal is not null);
        (await core.RunAsync()).Refusal.ShouldBe(new Refusal.Busy(2, TimeSpan.FromSeconds(5)));
        core.Get<RunAdmission>().Refusal.ShouldBe(new Refusal.Busy(2, TimeSpan.FromSeconds(5)));

        gate.SetResult();
        (await first).Value!.Failure.ShouldBeNull();
        (await second).Value!.Failure.ShouldBeNull();
        core.Get<RunAdmission>().Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task Once_closed_refuses_runs_and_tells_when_the_last_has_ended()
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
        var run = core.RunAsync();
        await begun.Task;

        var empty = core.Get<RunAdmission>().CloseAsync(new Refusal.ShuttingDown());

        (await core.RunAsync()).Refusal.ShouldBe(new Refusal.ShuttingDown());
        empty.IsCompleted.ShouldBeFalse();
        gate.SetResult();
        await run;
        await empty.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_host_that_stops_waits_for_a_run_whose_acceptance_is_under_way_until_that_has_begun_or_queued_it(bool isDetached)
    {
        using var core = new Core();
        var (admission, waiting) = (core.Get<RunAdmission>(), core.Get<WaitingRuns>());
        var order = new RunOrder(ScriptList.Parse("a.py").Value!, RunVariables.None) { IsDetached = isDetached };
        var run = new WaitingRun(Run.Accept(RunId.New(DateTimeOffset.UnixEpoch), order, DateTimeOffset.UnixEpoch), upload: null)
        {
            Admitted = admission.Admit().Value!,
        };
        waiting.Announce(run);

        var empty = admission.CloseAsync(new Refusal.ShuttingDown());
        await waiting.DropAsync(new Refusal.ShuttingDown());

        empty.IsCompleted.ShouldBeFalse();
        run.Dropped.ShouldBeNull();
        await core.Store.AcceptAsync(run.Run, claimHere: null, maxQueued: 10, TestContext.Current.CancellationToken);
        waiting.Queued(run);
        await empty.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        run.Dropped.ShouldBe(isDetached ? null : new Refusal.ShuttingDown());
    }

    [Fact]
    public async Task A_run_that_waits_for_a_place_ends_with_the_host()
    {
        using var core = CoreOf(concurrent: 1, queued: 5);
        var begun = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        core.OnScript = async (_, _, _) =>
        {
            begun.TrySetResult();
            await gate.Task;
            return new ScriptExit(0, false);
        };
        var running = core.RunAsync();
        await begun.Task;
        var waiting = (await core.Get<SubmitRun>().ExecuteAsync(Core.Request("a.py"), CancellationToken.None)).Value!;

        var cancelled = await core.Get<CancelRun>().ExecuteAsync(waiting.Id, "a test", CancellationToken.None);

        cancelled!.Run.Failure.ShouldBe(new RunFailure.Cancelled("a test cancelled it"));
        gate.SetResult();
        (await running).Value!.Failure.ShouldBeNull();
    }

    [Fact]
    public async Task Uploads_that_have_not_arrived_take_no_place_of_a_run()
    {
        using var core = CoreOf(concurrent: 1, queued: 0);
        var arriving = Enumerable.Range(0, 10).Select(_ => core.RunAsync(new NeverArrives())).ToList();

        (await core.RunAsync()).Value!.Failure.ShouldBeNull();
        core.Get<RunAdmission>().Refusal.ShouldBeNull();
        arriving.ShouldAllBe(run => !run.IsCompleted);
    }

    [Fact]
    public async Task Once_closed_gives_up_the_uploads_that_have_not_arrived_and_waits_for_none()
    {
        using var core = new Core();
        var arriving = core.RunAsync(new NeverArrives());

        await core.Get<RunAdmission>().CloseAsync(new Refusal.ShuttingDown()).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        (await arriving).Refusal.ShouldBe(new Refusal.ShuttingDown());
        core.Get<RunAdmission>().Open();
        (await core.RunAsync()).Value!.Failure.ShouldBeNull();
    }

    private static async Task HoldsAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));

        while (!condition())
            await Task.Delay(5, limit.Token);
    }

    /// <summary>A body of which no byte comes.</summary>
    private sealed class NeverArrives : MemoryStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            return 0;
        }
    }

    private static Core CoreOf(int concurrent, int queued) =>
        new(services => services.Configure<AdmissionOptions>(runs => (runs.MaxConcurrent, runs.MaxQueued) = (concurrent, queued)));
}
