using Servo.Domain.Runs;

namespace Servo.Domain.Tests;

public sealed class ResultTests
{
    private static readonly Refusal _busy = new Refusal.Busy(3, TimeSpan.FromSeconds(5));

    [Fact]
    public void A_value_is_a_result()
    {
        Result<string> result = "done";

        result.Value.ShouldBe("done");
        result.Refusal.ShouldBeNull();
        result.WhyNot.ShouldBeNull();
        result.TryGet(out var value, out var refusal).ShouldBeTrue();
        value.ShouldBe("done");
        refusal.ShouldBeNull();
    }

    [Fact]
    public void A_refusal_is_a_result_without_a_value()
    {
        Result<string> result = _busy;

        result.Value.ShouldBeNull();
        result.Refusal.ShouldBeSameAs(_busy);
        result.WhyNot.ShouldBe("busy");
        result.TryGet(out var value, out var refusal).ShouldBeFalse();
        value.ShouldBeNull();
        refusal.ShouldBeSameAs(_busy);
    }

    [Fact]
    public void A_failure_is_a_result_of_a_step_without_a_value()
    {
        RunFailure failed = new RunFailure.ScriptFailed("a.py", 3);
        StepResult<string> result = failed;

        result.Value.ShouldBeNull();
        result.Failure.ShouldBeSameAs(failed);
        result.WhyNot.ShouldBe("script-failed");
        result.TryGet(out _, out var failure).ShouldBeFalse();
        failure.ShouldBeSameAs(failed);
    }

    [Fact]
    public void A_step_that_was_done_has_its_value()
    {
        StepResult<string> result = "done";

        result.WhyNot.ShouldBeNull();
        result.TryGet(out var value, out var failure).ShouldBeTrue();
        value.ShouldBe("done");
        failure.ShouldBeNull();
    }

    [Fact]
    public void A_refused_value_type_has_its_default()
    {
        Result<int> result = _busy;

        result.TryGet(out var value, out _).ShouldBeFalse();
        value.ShouldBe(0);
    }

    [Fact]
    public void The_default_of_a_value_type_is_a_value()
    {
        Result<int> result = 0;

        result.TryGet(out var value, out _).ShouldBeTrue();
        value.ShouldBe(0);
    }

    [Fact]
    public void A_behaviour_can_refuse_without_knowing_the_value() =>
        Refuse<Result<string>>(_busy).Refusal.ShouldBeSameAs(_busy);

    [Fact]
    public void A_full_disk_refuses_a_request_and_fails_a_step()
    {
        NoSpace<Result<string>>().Refusal.ShouldBe(new Refusal.NoSpace());
        NoSpace<StepResult<string>>().Failure.ShouldBe(new RunFailure.NoSpace());
    }

    private static T Refuse<T>(Refusal refusal)
        where T : IRefusable<T> => T.Refused(refusal);

    private static T NoSpace<T>()
        where T : IResult<T> => T.NoSpace();
}
