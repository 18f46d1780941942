namespace Servo.Domain.Tests;

public sealed class ResultTests
{
    private static readonly Rejection _busy = new Rejection.Busy(3);

    [Fact]
    public void A_value_is_a_result()
    {
        Result<string> result = "done";

        result.Value.ShouldBe("done");
        result.Rejection.ShouldBeNull();
        result.TryGet(out var value, out var rejection).ShouldBeTrue();
        value.ShouldBe("done");
        rejection.ShouldBeNull();
    }

    [Fact]
    public void A_rejection_is_a_result_without_a_value()
    {
        Result<string> result = _busy;

        result.Value.ShouldBeNull();
        result.Rejection.ShouldBeSameAs(_busy);
        result.TryGet(out var value, out var rejection).ShouldBeFalse();
        value.ShouldBeNull();
        rejection.ShouldBeSameAs(_busy);
    }

    [Fact]
    public void A_rejected_value_type_has_its_default()
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
    public void A_behaviour_can_reject_without_knowing_the_value() =>
        Reject<Result<string>>(_busy).Rejection.ShouldBeSameAs(_busy);

    private static T Reject<T>(Rejection rejection)
        where T : IRejectable<T> => T.Rejected(rejection);
}
