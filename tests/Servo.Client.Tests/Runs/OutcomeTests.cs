namespace Servo.Client.Tests.Runs;

/// <summary>An outcome turns into an exception where the caller asks for it.</summary>
public sealed class OutcomeTests
{
    private static readonly RunFailure _failure = new(FailureKinds.ScriptFailed, "b.py failed on exit code 3");

    [Fact]
    public void A_success_throws_nothing() => new RunOutcome(runId: "r1").ThrowIfFailed();

    [Fact]
    public void A_failure_throws_with_the_outcome_and_what_the_failed_script_said_last()
    {
        var outcome = new RunOutcome(_failure, [new ScriptResult("b.py", 3, TimeSpan.FromSeconds(1.5))],
        [
            new RunLine(1, null, RunStreams.Servo, "$CALLBACK = http://x"),
            new RunLine(2, "a.py", RunStreams.StandardOutput, "of the one before"),
            .. Enumerable.Range(3, 12).Select(number => new RunLine(number, "b.py", RunStreams.StandardOutput, $"line {number}")),
            new RunLine(15, "b.py", RunStreams.Servo, "b.py ran in 1 seconds"),
        ], "r1");

        var failed = Should.Throw<ServoRunFailedException>(outcome.ThrowIfFailed);

        failed.Outcome.ShouldBeSameAs(outcome);
        failed.Failure.ShouldBeSameAs(_failure);
        failed.RunId.ShouldBe("r1");
        failed.LastLines.Select(line => line.Number).ShouldBe(Enumerable.Range(5, 10).Select(number => (long)number));
        failed.Message.ShouldStartWith("The run r1 failed: b.py failed on exit code 3 (script-failed)\n    line 5\n");
        failed.Message.ShouldEndWith("\n    line 14");
    }

    [Fact]
    public void Lines_that_were_not_kept_are_not_told()
    {
        var failed = Should.Throw<ServoRunFailedException>(new RunOutcome(_failure).ThrowIfFailed);

        failed.LastLines.ShouldBeEmpty();
        failed.Message.ShouldBe("The run failed: b.py failed on exit code 3 (script-failed)");
    }

    [Fact]
    public void A_success_is_no_reason_for_the_exception() => Should.Throw<ArgumentException>(() => new ServoRunFailedException(new RunOutcome()));
}
