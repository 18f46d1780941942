using Servo.Application.Runs;
using Servo.Domain.Runs;

namespace Servo.Infrastructure.Tests.Runs;

public sealed class EmbeddedAcceptTests() : AcceptConformance(new EmbeddedState());

public sealed class EmbeddedClaimTests() : ClaimConformance(new EmbeddedState());

public sealed class EmbeddedStartTests() : StartConformance(new EmbeddedState())
{
    [Fact]
    public async Task Says_which_of_two_cancellations_ended_the_run()
    {
        var run = await QueueAsync();
        var (why, now) = (new RunFailure.Cancelled("both say so"), Now);

        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => State.Store.CancelAsync(run.Id, why, now)));

        results.Cast<CancelResult.Ended>().Count(ended => ended.ByThis).ShouldBe(1);
    }
}

public sealed class EmbeddedLeaseTests() : LeaseConformance(new EmbeddedState())
{
    [Fact]
    public async Task What_was_not_on_the_disk_when_the_machine_went_down_is_in_doubt_and_not_cancelled()
    {
        var gone = await State.Lease.JoinAsync(Token);
        await QueueAsync(isDetached: false);
        var claimed = await ClaimAsync(gone);
        var waiting = await QueueAsync(isDetached: false);
        var detached = await QueueAsync();
        await State.Log.AppendAsync(claimed.Claim, 1, "{\"event\":\"line\",\"seq\":1}\n"u8.ToArray());
        await ((EmbeddedState)State).Database.WriteAsync(session => session.Execute("update run set origin = 'another boot/1'"), survivesPowerCut: false);
        Reopen();

        await State.Lease.JoinAsync(Token);
        var ended = await State.Lease.ReapAsync(Now, Token);

        ended.Select(run => (run.Id, run.State)).ShouldBe([(claimed.Run.Id, RunState.Lost), (waiting.Id, RunState.Lost)]);
        ended.ShouldAllBe(run => run.Failure!.Detail.Contains("whether it had started is not known"));
        (await State.Log.LengthAsync(claimed.Run.Id)).ShouldBe(25);
        (await StateOfAsync(detached.Id)).ShouldBe(RunState.Queued);
    }
}

public sealed class EmbeddedListTests() : ListConformance(new EmbeddedState());

public sealed class EmbeddedLostAnswerTests() : LostAnswerConformance(new EmbeddedState());
