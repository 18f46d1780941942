using Servo.Application.Runs;
using Servo.Domain.Runs;

namespace Servo.Infrastructure.Tests.Runs;

/// <summary>What <see cref="IRunStore.StartAsync"/>, <see cref="IRunStore.FinishAsync"/> and <see cref="IRunStore.CancelAsync"/> promise.</summary>
public abstract class StartConformance(IRunState state) : RunStoreConformance(state)
{
    private static readonly RunFailure.Cancelled _why = new("somebody cancelled it");

    [Fact]
    public async Task Starts_a_claim_once()
    {
        await QueueAsync();
        var claimed = await ClaimAsync();
        var now = Now;

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Store.StartAsync(claimed.Claim, now)));

        answers.Count(started => started).ShouldBe(1);
        (await FindAsync(claimed.Run.Id)).Run.Started.ShouldBe(now);
    }

    [Fact]
    public async Task Does_not_start_for_another_host()
    {
        await QueueAsync();
        var claimed = await ClaimAsync();

        (await Store.StartAsync(claimed.Claim with { Host = HostId.New() }, Now)).ShouldBeFalse();
        (await Store.StartAsync(new RunClaim(RunId.New(Now), Host), Now)).ShouldBeFalse();
    }

    [Fact]
    public async Task Does_not_start_what_was_released()
    {
        await QueueAsync();
        var claimed = await ClaimAsync();
        await Store.ReleaseAsync(claimed.Claim);

        (await Store.StartAsync(claimed.Claim, Now)).ShouldBeFalse();
    }

    [Fact]
    public async Task Does_not_start_what_was_cancelled_and_takes_its_end_from_its_host()
    {
        await QueueAsync();
        var claimed = await ClaimAsync();

        (await Store.CancelAsync(claimed.Run.Id, _why, Now)).ShouldBeOfType<CancelResult.Requested>().Record.IsCancelRequested.ShouldBeTrue();

        (await Store.StartAsync(claimed.Claim, Now)).ShouldBeFalse();
        (await Store.FinishAsync(claimed.Claim, claimed.Run.Fail(_why, Now), 0)).ShouldBeTrue();
        (await StateOfAsync(claimed.Run.Id)).ShouldBe(RunState.Cancelled);
    }

    [Fact]
    public async Task Ends_a_cancelled_run_that_is_released()
    {
        await QueueAsync("a");
        var claimed = await ClaimAsync();
        await Store.CancelAsync(claimed.Run.Id, new RunFailure.NotStarted(TimeSpan.FromSeconds(3), "X-Queue-Timeout"), Now);

        (await Store.ReleaseAsync(claimed.Claim)).ShouldBeTrue();

        var run = (await FindAsync(claimed.Run.Id)).Run;
        (run.State, run.Failure!.Kind).ShouldBe((RunState.TimedOut, "not-started"));
        await QueueAsync("a");
        await ClaimAsync();
    }

    [Fact]
    public async Task Cancels_what_waits()
    {
        var run = await QueueAsync();
        var now = Now;

        (await Store.CancelAsync(run.Id, _why, now)).ShouldBeOfType<CancelResult.Ended>();
        var twice = (await Store.CancelAsync(run.Id, _why, now)).ShouldBeOfType<CancelResult.Ended>();
        twice.ByThis.ShouldBeFalse();
        var again = twice.Record;

        (again.Run.State, again.Run.Ended, again.Run.Failure!.Detail, again.IsCancelRequested).ShouldBe((RunState.Cancelled, now, _why.Detail, false));
        (await Store.ClaimAsync(Host, 9, [], Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Asks_the_host_to_end_what_runs()
    {
        var started = await StartAsync();

        (await Store.CancelAsync(started.Run.Id, _why, Now)).ShouldBeOfType<CancelResult.Requested>();
        (await Store.CancelAsync(started.Run.Id, _why, Now)).ShouldBeOfType<CancelResult.Requested>();

        (await FindAsync(started.Run.Id)).IsCancelRequested.ShouldBeTrue();
        await FinishAsync(started);
        (await FindAsync(started.Run.Id)).IsCancelRequested.ShouldBeFalse();
        (await Store.CancelAsync(started.Run.Id, _why, Now)).ShouldBeOfType<CancelResult.Ended>().Record.Run.State.ShouldBe(RunState.Succeeded);
    }

    [Fact]
    public async Task Knows_no_run_that_there_is_not() =>
        (await Store.CancelAsync(RunId.New(Now), _why, Now)).ShouldBeOfType<CancelResult.Unknown>();

    [Fact]
    public async Task Keeps_the_end_of_a_run()
    {
        var started = await StartAsync("a");
        var ended = started.Run
            .Add(new ScriptResult("a.py", 0, TimeSpan.FromMilliseconds(1234.5678)))
            .Add(new ScriptResult("b.py", 3, TimeSpan.Zero))
            .Fail(new RunFailure.ScriptFailed("b.py", 3), Now);

        (await Store.FinishAsync(started.Claim, ended, 99)).ShouldBeTrue();
        Reopen();

        var record = await FindAsync(ended.Id);
        (record.Run.State, record.Run.Started, record.Run.Ended, record.LogBytes).ShouldBe((RunState.Failed, ended.Started, ended.Ended, 99));
        record.Run.Results.ShouldBe(ended.Results);
        record.Run.Failure.ShouldBe(new RunFailure.Recorded("script-failed", "b.py failed on exit code 3"));
        record.Run.Order.Variables.ShouldBe([new KeyValuePair<string, string>("WORD", "")]);
    }

    [Fact]
    public async Task Takes_the_same_end_again_and_no_other()
    {
        var started = await StartAsync();
        var ended = await FinishAsync(started);

        (await Store.FinishAsync(started.Claim, ended, 0)).ShouldBeTrue();
        (await Store.FinishAsync(started.Claim, started.Run.Fail(_why, ended.Ended!.Value), 0)).ShouldBeFalse();
        (await Store.FinishAsync(started.Claim with { Host = HostId.New() }, ended, 0)).ShouldBeFalse();
        (await StateOfAsync(ended.Id)).ShouldBe(RunState.Succeeded);
    }

    [Fact]
    public async Task Takes_no_end_of_what_is_not_claimed()
    {
        var run = await QueueAsync();

        (await Store.FinishAsync(new RunClaim(run.Id, Host), run.Fail(_why, Now), 0)).ShouldBeFalse();
        (await Store.FinishAsync(new RunClaim(RunId.New(Now) is var id ? id : id, Host), Run.Accept(id, run.Order, Now).Fail(_why, Now), 0)).ShouldBeFalse();
    }

    [Fact]
    public async Task Frees_the_locks_at_the_end()
    {
        var started = await StartAsync("a, b;shared");
        var next = await QueueAsync("b");
        (await StateOfAsync(next.Id)).ShouldBe(RunState.Waiting);

        await FinishAsync(started);

        (await FindAsync(next.Id)).WaitsFor.ShouldBeEmpty();
        (await ClaimAsync()).Run.Id.ShouldBe(next.Id);
    }
}
