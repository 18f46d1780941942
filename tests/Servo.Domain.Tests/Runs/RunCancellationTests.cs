using Servo.Domain.Runs;

namespace Servo.Domain.Tests.Runs;

public sealed class RunCancellationTests
{
    [Fact]
    public async Task The_first_reason_counts()
    {
        var cancellation = new RunCancellation();
        cancellation.Reason.ShouldBeNull();
        cancellation.Token.IsCancellationRequested.ShouldBeFalse();

        cancellation.Cancel(new CancellationReason.Requested("somebody asked"));
        cancellation.Cancel(new CancellationReason.Closed(new Refusal.ShuttingDown()));

        cancellation.Reason.ShouldBe(new CancellationReason.Requested("somebody asked"));
        await Should.ThrowAsync<OperationCanceledException>(Task.Delay(TimeSpan.FromSeconds(30), cancellation.Token));
    }

    [Fact]
    public async Task A_time_limit_ends_the_run_unless_it_is_taken_back()
    {
        var limit = new CancellationReason.TimeLimit(TimeSpan.FromMilliseconds(1), "S");
        var ended = new RunCancellation();
        var spared = new RunCancellation();

        using (spared.CancelAfter(TimeSpan.FromHours(1), limit, TimeProvider.System))
        using (ended.CancelAfter(limit.Limit, limit, TimeProvider.System))
            await Should.ThrowAsync<OperationCanceledException>(Task.Delay(TimeSpan.FromSeconds(30), ended.Token));

        ended.Reason.ShouldBe(limit);
        spared.Reason.ShouldBeNull();
    }

    [Fact]
    public void A_reason_says_what_becomes_of_the_run()
    {
        var limit = TimeSpan.FromSeconds(2);
        new CancellationReason.TimeLimit(limit, "S").In("a.py").ShouldBe(new RunFailure.TimedOut("a.py", limit, "S"));
        new CancellationReason.Closed(new Refusal.ShuttingDown()).In("a.py").ShouldBe(new RunFailure.Cancelled("the gateway is shutting down"));
        new CancellationReason.Requested("its caller asked").In("a.py").ShouldBe(new RunFailure.Cancelled("its caller asked"));
    }
}
