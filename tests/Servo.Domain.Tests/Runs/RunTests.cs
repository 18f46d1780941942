using Servo.Domain.Runs;

namespace Servo.Domain.Tests.Runs;

public sealed class RunTests
{
    private static readonly DateTimeOffset _now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly ScriptResult _result = new("a.py", 0, TimeSpan.FromSeconds(1));
    private static readonly RunFailure _failure = new RunFailure.ScriptFailed("a.py", 3);

    [Fact]
    public void A_run_goes_from_its_acceptance_to_its_end()
    {
        var run = Queued();
        run.State.ShouldBe(RunState.Queued);
        run.HasEnded.ShouldBeFalse();
        (run.Accepted, run.Started, run.Ended).ShouldBe((_now, null, null));

        run = run.Start(_now.AddSeconds(1)).Add(_result);
        run.State.ShouldBe(RunState.Running);
        run.HasEnded.ShouldBeFalse();
        run.Results.ShouldBe([_result]);

        run = run.Succeed(_now.AddSeconds(2));
        run.State.ShouldBe(RunState.Succeeded);
        run.HasEnded.ShouldBeTrue();
        (run.Accepted, run.Started, run.Ended).ShouldBe((_now, _now.AddSeconds(1), _now.AddSeconds(2)));
        run.Failure.ShouldBeNull();
    }

    public static TheoryData<RunFailure, RunState> Ends => new()
    {
        { new RunFailure.ScriptFailed("a.py", 3), RunState.Failed },
        { new RunFailure.BadArchive("why"), RunState.Failed },
        { new RunFailure.GatewayFault("why"), RunState.Failed },
        { new RunFailure.Cancelled("why"), RunState.Cancelled },
        { RunFailure.GivenUp.Because(new Refusal.ShuttingDown()), RunState.Cancelled },
        { new RunFailure.NotStarted(TimeSpan.FromSeconds(1), "S"), RunState.TimedOut },
        { new RunFailure.TimedOut("a.py", TimeSpan.FromSeconds(1), "S"), RunState.TimedOut },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public void A_failure_ends_it_in_a_state_of_its_own(RunFailure failure, RunState state)
    {
        foreach (var run in new[] { Queued(), Queued().Start(_now) })
        {
            var ended = run.Fail(failure, _now);
            ended.State.ShouldBe(state);
            ended.Failure.ShouldBe(failure);
            ended.Ended.ShouldBe(_now);
        }
    }

    [Fact]
    public void A_run_that_was_given_up_has_the_kind_of_the_refusal_of_those_that_come_now()
    {
        var given = RunFailure.GivenUp.Because(new Refusal.ShuttingDown());
        (given.Kind, given.Detail).ShouldBe(("shutting-down", "the run never started: the gateway is shutting down; post it again"));
        given.MayBePostedAgain.ShouldBeTrue();

        RunFailure.GivenUp.Because(new Refusal.Closed("killed", "Killed.", "it was killed", MayReopen: false)).Detail
            .ShouldBe("the run never started: it was killed");
    }

    [Fact]
    public void What_has_ended_changes_no_more()
    {
        foreach (var ended in new[] { Queued().Start(_now).Succeed(_now), Queued().Fail(_failure, _now) })
        {
            Should.Throw<InvalidOperationException>(() => ended.Start(_now)).Message.ShouldContain(ended.Id.ToString());
            Should.Throw<InvalidOperationException>(() => ended.Add(_result));
            Should.Throw<InvalidOperationException>(() => ended.Succeed(_now));
            Should.Throw<InvalidOperationException>(() => ended.Fail(_failure, _now));
        }
    }

    [Fact]
    public void Only_what_has_started_has_results_or_succeeds()
    {
        Should.Throw<InvalidOperationException>(() => Queued().Add(_result));
        Should.Throw<InvalidOperationException>(() => Queued().Succeed(_now));
        Should.Throw<InvalidOperationException>(() => Queued().Start(_now).Start(_now));
    }

    [Fact]
    public void An_id_is_read_as_it_is_written_and_sorts_by_time()
    {
        var first = RunId.New(_now);
        var second = RunId.New(_now.AddMilliseconds(1));

        RunId.TryParse(first.ToString(), out var read).ShouldBeTrue();
        read.ShouldBe(first);
        first.ToString().Length.ShouldBe(32);
        string.CompareOrdinal(first.ToString(), second.ToString()).ShouldBeLessThan(0);
        RunId.TryParse("not-an-id", out _).ShouldBeFalse();
        RunId.TryParse(null, out _).ShouldBeFalse();
    }

    private static Run Queued() => Run.Accept(RunId.New(_now), new RunOrder(ScriptList.Parse("a.py").Value!, RunVariables.None), _now);
}
