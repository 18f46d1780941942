using System.Collections.Concurrent;
using Servo.Application.Runs;
using Servo.Domain.Runs;

namespace Servo.Infrastructure.Tests.Runs;

/// <summary>What <see cref="IRunStore.ClaimAsync"/> and <see cref="IRunStore.ReleaseAsync"/> promise.</summary>
public abstract class ClaimConformance(IRunState state) : RunStoreConformance(state)
{
    [Fact]
    public async Task Claims_in_the_order_of_acceptance_up_to_the_slots()
    {
        var ids = new List<RunId>();

        for (var i = 0; i < 5; i++)
            ids.Add((await QueueAsync()).Id);

        var first = await Store.ClaimAsync(Host, 3, [], Token);
        var second = await Store.ClaimAsync(HostId.New(), 3, [], Token);

        first.Concat(second).Select(claimed => claimed.Run.Id).ShouldBe(ids);
        first.ShouldAllBe(claimed => claimed.Claim == new RunClaim(claimed.Run.Id, Host) && claimed.Run.State == RunState.Queued);
    }

    [Fact]
    public async Task Hands_out_the_values_of_the_variables()
    {
        await QueueAsync();

        (await ClaimAsync()).Run.Order.Variables.ShouldHaveSingleItem().Value.ShouldBe("secret");
    }

    [Fact]
    public async Task Keeps_runs_of_a_name_apart_in_their_order()
    {
        var (first, second, third) = (await QueueAsync("a"), await QueueAsync("a"), await QueueAsync("a"));

        foreach (var expected in new[] { first, second, third })
        {
            var claimed = (await Store.ClaimAsync(Host, 9, [], Token)).ShouldHaveSingleItem();
            claimed.Run.Id.ShouldBe(expected.Id);
            await Store.StartAsync(claimed.Claim, Now);
            await FinishAsync(claimed with { Run = claimed.Run.Start(Now) });
        }
    }

    [Fact]
    public async Task Lets_those_run_together_that_share_a_name_and_no_one_overtake()
    {
        var (one, two) = (await QueueAsync("a;shared"), await QueueAsync("a;shared"));
        var alone = await QueueAsync("a");
        var late = await QueueAsync("a;shared");

        (await Store.ClaimAsync(Host, 9, [], Token)).Select(claimed => claimed.Run.Id).ShouldBe([one.Id, two.Id]);
        (await FindAsync(alone.Id)).WaitsFor.ShouldBe([new LockHolder("a", one.Id), new LockHolder("a", two.Id)]);
        (await FindAsync(late.Id)).WaitsFor.ShouldBe([new LockHolder("a", alone.Id)]);
    }

    [Fact]
    public async Task Does_not_stop_at_two_names_in_both_orders()
    {
        for (var i = 0; i < 20; i++)
            await QueueAsync(i % 2 == 0 ? "a, b" : "b, a");

        for (var i = 0; i < 20; i++)
        {
            var claimed = (await Store.ClaimAsync(Host, 9, [], Token)).ShouldHaveSingleItem();
            await Store.StartAsync(claimed.Claim, Now);
            await FinishAsync(claimed with { Run = claimed.Run.Start(Now) });
        }
    }

    [Fact]
    public async Task Waits_behind_a_run_that_itself_waits()
    {
        var holder = await StartAsync("a");
        var both = await QueueAsync("a, b");
        var last = await QueueAsync("b");

        (await Store.ClaimAsync(Host, 9, [holder.Run.Id], Token)).ShouldBeEmpty();
        (await StateOfAsync(last.Id)).ShouldBe(RunState.Waiting);
        (await FindAsync(last.Id)).WaitsFor.ShouldBe([new LockHolder("b", both.Id)]);
    }

    [Fact]
    public async Task Names_the_first_of_a_long_line_only()
    {
        var ids = new List<RunId>();

        for (var i = 0; i < 40; i++)
            ids.Add((await QueueAsync("a;shared")).Id);

        var last = await QueueAsync("a");

        (await FindAsync(last.Id)).WaitsFor.Select(holder => holder.Run).ShouldBe(ids[..16]);
    }

    [Fact]
    public async Task Returns_first_what_the_host_claimed_and_does_not_know()
    {
        var lost = (await QueueAsync(), await ClaimAsync()).Item2;
        var known = (await QueueAsync(), await ClaimAsync(known: lost.Run.Id)).Item2;
        var next = await QueueAsync();

        var claimed = await Store.ClaimAsync(Host, 2, [known.Run.Id], Token);

        claimed.Select(each => each.Claim).ShouldBe([lost.Claim, new RunClaim(next.Id, Host)]);
        (await Store.ClaimAsync(HostId.New(), 9, [], Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Gives_each_of_500_runs_to_one_of_16_claimers()
    {
        var ids = new List<RunId>();

        foreach (var made in Enumerable.Range(0, 500).Select(i => QueueAsync(i % 3 == 0 ? $"name{i % 7}" : "")).ToList())
            ids.Add((await made).Id);

        var started = new ConcurrentBag<RunId>();
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(ClaimerAsync)));

        started.Order(Comparer<RunId>.Create((a, b) => string.CompareOrdinal(a.ToString(), b.ToString()))).ShouldBe(
            ids.Order(Comparer<RunId>.Create((a, b) => string.CompareOrdinal(a.ToString(), b.ToString()))));

        async Task ClaimerAsync()
        {
            var host = HostId.New();

            while (started.Count < 500)
            {
                foreach (var claimed in await Store.ClaimAsync(host, 3, [], Token))
                {
                    var now = Now;

                    if (!await Store.StartAsync(claimed.Claim, now))
                        continue;

                    started.Add(claimed.Run.Id);
                    await Store.FinishAsync(claimed.Claim, claimed.Run.Start(now).Succeed(Now), 0);
                }
            }
        }
    }

    [Fact]
    public async Task Puts_a_released_run_back_into_its_place()
    {
        var (first, second) = (await QueueAsync("a"), await QueueAsync("a"));
        var claimed = await ClaimAsync();

        (await Store.ReleaseAsync(claimed.Claim)).ShouldBeTrue();
        (await Store.ReleaseAsync(claimed.Claim)).ShouldBeFalse();

        (await FindAsync(first.Id)).Position.ShouldBe(1);
        (await FindAsync(second.Id)).WaitsFor.ShouldBe([new LockHolder("a", first.Id)]);
        (await ClaimAsync(HostId.New())).Run.Id.ShouldBe(first.Id);
    }

    [Fact]
    public async Task Releases_nothing_that_has_started_or_is_anothers()
    {
        var started = await StartAsync();
        await QueueAsync();
        var claimed = await ClaimAsync();

        (await Store.ReleaseAsync(started.Claim)).ShouldBeFalse();
        (await Store.ReleaseAsync(claimed.Claim with { Host = HostId.New() })).ShouldBeFalse();
        (await StateOfAsync(started.Run.Id)).ShouldBe(RunState.Running);
    }
}
