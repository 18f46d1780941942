using System.Text;
using Servo.Application.Runs;
using Servo.Domain.Runs;

namespace Servo.Infrastructure.Tests.Runs;

/// <summary>What <see cref="IHostLease"/> promises, where the host that joins is the successor of one that is gone.</summary>
public abstract class LeaseConformance(IRunState state) : RunStoreConformance(state)
{
    [Fact]
    public async Task Leaves_what_is_its_own()
    {
        var host = await State.Lease.JoinAsync(Token);
        var running = await StartAsync(host: host);
        await QueueAsync();
        var claimed = await ClaimAsync(host);
        var waiting = await QueueAsync(isDetached: false);

        (await State.Lease.ReapAsync(Now, Token)).ShouldBeEmpty();

        (await StateOfAsync(running.Run.Id)).ShouldBe(RunState.Running);
        (await StateOfAsync(waiting.Id)).ShouldBe(RunState.Queued);
        (await Store.StartAsync(claimed.Claim, Now)).ShouldBeTrue();
    }

    [Fact]
    public async Task Ends_what_hosts_that_are_gone_have_left()
    {
        var gone = await State.Lease.JoinAsync(Token);
        var running = await StartAsync("a", host: gone);
        var detached = await QueueAsync();
        var claimed = await ClaimAsync(gone);
        await QueueAsync(isDetached: false);
        var awaited = await ClaimAsync(gone, claimed.Run.Id);
        var queued = await QueueAsync("a");
        var waiting = await QueueAsync(isDetached: false);
        await State.Log.AppendAsync(running.Claim, 1, "{\"event\":\"line\",\"seq\":1}\n"u8.ToArray());
        Reopen();

        await State.Lease.JoinAsync(Token);
        var ended = await State.Lease.ReapAsync(Now, Token);

        ended.Select(run => (run.Id, run.State)).ShouldBe(
            [(running.Run.Id, RunState.Lost), (awaited.Run.Id, RunState.Cancelled), (waiting.Id, RunState.Cancelled)]);
        ended[1].Failure!.Detail.ShouldContain("the host ended before it started");
        (await FindAsync(running.Run.Id)).LogBytes.ShouldBe(25);
        (await Store.ClaimAsync(Host, 9, [], Token)).Select(each => each.Run.Id).ShouldBe([detached.Id, queued.Id]);
        (await State.Lease.ReapAsync(Now, Token)).Count.ShouldBe(0);
    }

    [Fact]
    public async Task Refuses_what_comes_late_from_a_host_that_is_gone()
    {
        var gone = await State.Lease.JoinAsync(Token);
        var running = await StartAsync(host: gone);
        await QueueAsync();
        var claimed = await ClaimAsync(gone);
        await State.Lease.JoinAsync(Token);
        await State.Lease.ReapAsync(Now, Token);

        (await Store.StartAsync(claimed.Claim, Now)).ShouldBeFalse();
        (await Store.ReleaseAsync(claimed.Claim)).ShouldBeFalse();
        (await Store.FinishAsync(running.Claim, running.Run.Succeed(Now), 0)).ShouldBeFalse();
        (await StateOfAsync(running.Run.Id)).ShouldBe(RunState.Lost);
    }

    [Fact]
    public async Task Begins_the_log_of_a_requeued_run_anew()
    {
        var gone = await State.Lease.JoinAsync(Token);
        await QueueAsync();
        var claimed = await ClaimAsync(gone);
        await State.Log.AppendAsync(claimed.Claim, 1, "{\"event\":\"started\",\"seq\":1,\"at\":1}\n"u8.ToArray());
        Reopen();
        var host = await State.Lease.JoinAsync(Token);
        await State.Lease.ReapAsync(Now, Token);

        var again = await ClaimAsync(host);

        (await State.Log.AppendAsync(again.Claim, 1, Encoding.UTF8.GetBytes("{\"event\":\"started\",\"seq\":1,\"at\":2}\n"))).ShouldBeTrue();
    }

    [Fact]
    public async Task Cancels_at_the_reaping_what_was_to_be_cancelled()
    {
        var gone = await State.Lease.JoinAsync(Token);
        await QueueAsync();
        var claimed = await ClaimAsync(gone);
        await Store.CancelAsync(claimed.Run.Id, new RunFailure.Cancelled("enough"), Now);
        Reopen();
        await State.Lease.JoinAsync(Token);

        (await State.Lease.ReapAsync(Now, Token)).ShouldHaveSingleItem().Failure!.Detail.ShouldEndWith("enough");
    }

    [Fact]
    public async Task Either_loses_what_was_started_or_requeues_what_then_cannot_be()
    {
        var random = new Random(1);
        var starts = 0;

        for (var round = 0; round < 1_000; round++)
        {
            var gone = await State.Lease.JoinAsync(Token);
            await QueueAsync();
            var claimed = await ClaimAsync(gone);
            var now = Now;
            await State.Lease.JoinAsync(Token);

            // One after the other, the other way round, or both at once.
            var order = random.Next(3);
            var start = order == 0 ? Store.StartAsync(claimed.Claim, now) : null;
            var reap = State.Lease.ReapAsync(now, Token);

            if (order == 1)
                await reap;
            else
                Thread.SpinWait(random.Next(20_000));

            start ??= Store.StartAsync(claimed.Claim, now);

            var (started, lost) = (await start, (await reap).Count);

            (started ? 1 : 0).ShouldBe(lost);
            starts += lost;
            var left = (await Store.ClaimAsync(Host, 1, [], Token)).Select(each => each.Run.Id).ToList();
            left.ShouldBe(started ? [] : [claimed.Run.Id]);

            if (!started)
                (await Store.FinishAsync(new RunClaim(claimed.Run.Id, Host), claimed.Run.Fail(new RunFailure.Cancelled("done"), now), 0)).ShouldBeTrue();
        }

        // Otherwise this has not looked at both.
        starts.ShouldBeInRange(50, 950);
    }
}
