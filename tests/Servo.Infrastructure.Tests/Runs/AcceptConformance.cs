using Servo.Application.Runs;
using Servo.Domain.Runs;

namespace Servo.Infrastructure.Tests.Runs;

/// <summary>What <see cref="IRunStore.AcceptAsync"/> promises.</summary>
public abstract class AcceptConformance(IRunState state) : RunStoreConformance(state)
{
    [Fact]
    public async Task Keeps_all_that_was_asked_for()
    {
        var run = Make("b;shared, a", key: "k", digest: "d", isDetached: true, script: "one.py+two.py");
        await Store.AcceptAsync(run, null, Unlimited, Token);
        Reopen();

        var found = (await FindAsync(run.Id)).Run;

        found.Accepted.ShouldBe(run.Accepted);
        found.State.ShouldBe(RunState.Queued);
        found.Order.Scripts.ToString().ShouldBe("one.py+two.py");
        found.Order.Variables.ShouldBe(run.Order.Variables);
        found.Order.Locks.ShouldBe(run.Order.Locks);
        (found.Order with { Scripts = run.Order.Scripts, Variables = run.Order.Variables, Locks = run.Order.Locks }).ShouldBe(run.Order);
    }

    [Fact]
    public async Task Tells_the_position_in_the_queue()
    {
        var first = Make();
        var second = Make();

        (await Store.AcceptAsync(first, null, Unlimited, Token)).ShouldBeOfType<Acceptance.Accepted>().Record.Position.ShouldBe(1);
        (await Store.AcceptAsync(second, null, Unlimited, Token)).ShouldBeOfType<Acceptance.Accepted>().Record.Position.ShouldBe(2);

        await ClaimAsync();
        (await FindAsync(first.Id)).Position.ShouldBeNull();
        (await FindAsync(second.Id)).Position.ShouldBe(1);
    }

    [Fact]
    public async Task Attaches_the_same_request_to_the_run_of_its_key()
    {
        var first = Make(key: "k", digest: "d");
        await Store.AcceptAsync(first, null, Unlimited, Token);

        (await Store.AcceptAsync(Make(key: "k", digest: "d"), Host, Unlimited, Token)).ShouldBeOfType<Acceptance.Existing>().Record.Run.Id.ShouldBe(first.Id);
        (await Store.AcceptAsync(Make(key: "K", digest: "d"), null, Unlimited, Token)).ShouldBeOfType<Acceptance.Accepted>();
    }

    [Fact]
    public async Task Knows_a_key_after_the_end_of_its_run()
    {
        var run = Make(key: "k", digest: "d");
        await Store.AcceptAsync(run, null, Unlimited, Token);
        await Store.CancelAsync(run.Id, new RunFailure.Cancelled("enough"), Now);

        var existing = (await Store.AcceptAsync(Make(key: "k", digest: "d"), null, 0, Token)).ShouldBeOfType<Acceptance.Existing>();

        existing.Record.Run.State.ShouldBe(RunState.Cancelled);
    }

    [Fact]
    public async Task Refuses_a_key_of_another_request()
    {
        await Store.AcceptAsync(Make(key: "k", digest: "d"), null, Unlimited, Token);

        (await Store.AcceptAsync(Make(key: "k", digest: "other"), null, Unlimited, Token)).ShouldBeOfType<Acceptance.KeyReused>();
    }

    [Fact]
    public async Task Accepts_one_of_many_requests_of_a_key()
    {
        var accepted = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Store.AcceptAsync(Make(key: "k"), null, Unlimited, Token)));

        var id = accepted.OfType<Acceptance.Accepted>().ShouldHaveSingleItem().Record.Run.Id;
        accepted.OfType<Acceptance.Existing>().Count(existing => existing.Record.Run.Id == id).ShouldBe(99);
    }

    [Fact]
    public async Task Keeps_the_limit_of_the_queue_among_a_thousand_at_once()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(_ => Store.AcceptAsync(Make("a"), null, 700, Token)));

        answers.OfType<Acceptance.Accepted>().Select(accepted => accepted.Record.Position).Order().ShouldBe(Enumerable.Range(1, 700).Cast<int?>());
        answers.OfType<Acceptance.Busy>().Count().ShouldBe(300);
        (await Store.ListAsync(new RunQuery(1_000), Token)).Runs.Count.ShouldBe(700);
    }

    [Fact]
    public async Task Leaves_nothing_of_a_run_that_found_no_place()
    {
        await QueueAsync("a");
        var refused = Make("b", key: "k");
        (await Store.AcceptAsync(refused, null, 1, Token)).ShouldBeOfType<Acceptance.Busy>();

        (await Store.FindAsync(refused.Id, Token)).ShouldBeNull();
        (await Store.AcceptAsync(Make("b", key: "k", digest: "other"), Host, 1, Token)).ShouldBeOfType<Acceptance.Busy>();
        (await Store.ClaimAsync(Host, 9, [], Token)).Count.ShouldBe(1);
        (await Store.AcceptAsync(Make("b", key: "k", digest: "other"), Host, 1, Token)).ShouldBeOfType<Acceptance.Accepted>().Claim.ShouldNotBeNull();
    }

    [Fact]
    public async Task Claims_at_once_what_could_start_at_once_whatever_the_limit()
    {
        var run = Make("a");

        var accepted = (await Store.AcceptAsync(run, Host, 0, Token)).ShouldBeOfType<Acceptance.Accepted>();

        accepted.Claim.ShouldBe(new RunClaim(run.Id, Host));
        accepted.Record.Position.ShouldBeNull();
        (await Store.StartAsync(accepted.Claim!, Now)).ShouldBeTrue();
    }

    [Fact]
    public async Task Starts_at_once_what_could_start_at_once_and_whose_caller_waits()
    {
        var run = Make("a", isDetached: false);

        var accepted = (await Store.AcceptAsync(run, Host, 0, Token)).ShouldBeOfType<Acceptance.Accepted>();

        var claim = accepted.Claim.ShouldNotBeNull();
        accepted.Record.Run.ShouldBe(run.Start(run.Accepted));
        (await StateOfAsync(run.Id)).ShouldBe(RunState.Running);
        (await Store.StartAsync(claim, Now)).ShouldBeFalse();
        (await Store.AcceptAsync(run, Host, 0, Token)).ShouldBeOfType<Acceptance.Accepted>().Claim.ShouldBeNull();
        (await Store.ClaimAsync(Host, 9, [], Token)).ShouldBeEmpty();
        (await Store.ReleaseAsync(claim)).ShouldBeFalse();
        (await Store.FinishAsync(claim, accepted.Record.Run.Succeed(Now), 0)).ShouldBeTrue();
    }

    [Fact]
    public async Task Claims_nothing_before_what_waits_for_a_slot()
    {
        await QueueAsync();

        (await Store.AcceptAsync(Make(), Host, Unlimited, Token)).ShouldBeOfType<Acceptance.Accepted>().Claim.ShouldBeNull();
    }

    [Fact]
    public async Task Claims_at_once_past_what_waits_for_a_lock()
    {
        await StartAsync("a");
        await QueueAsync("a");

        (await Store.AcceptAsync(Make("b"), Host, Unlimited, Token)).ShouldBeOfType<Acceptance.Accepted>().Claim.ShouldNotBeNull();
    }

    [Fact]
    public async Task Does_not_claim_what_lacks_a_lock()
    {
        var holder = await StartAsync("a");

        var accepted = (await Store.AcceptAsync(Make("a"), Host, Unlimited, Token)).ShouldBeOfType<Acceptance.Accepted>();

        accepted.Claim.ShouldBeNull();
        accepted.Record.Run.State.ShouldBe(RunState.Waiting);
        accepted.Record.WaitsFor.ShouldBe([new LockHolder("a", holder.Run.Id)]);
    }

    [Fact]
    public async Task Takes_the_same_run_again_as_such()
    {
        var run = Make("a", key: "k");
        await Store.AcceptAsync(run, Host, Unlimited, Token);

        var again = (await Store.AcceptAsync(run, Host, 0, Token)).ShouldBeOfType<Acceptance.Accepted>();

        again.Claim.ShouldBe(new RunClaim(run.Id, Host));
        (await Store.ListAsync(new RunQuery(10), Token)).Runs.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Accepts_nothing_for_a_caller_that_is_gone()
    {
        var run = Make();

        await Should.ThrowAsync<OperationCanceledException>(Store.AcceptAsync(run, null, Unlimited, new CancellationToken(canceled: true)));

        (await Store.FindAsync(run.Id, Token)).ShouldBeNull();
    }
}
