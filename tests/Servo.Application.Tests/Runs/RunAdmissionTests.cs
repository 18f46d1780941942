using Servo.Application.Runs;
using Servo.Application.Scripts;
using Servo.Domain;
using Servo.Testing;

namespace Servo.Application.Tests.Runs;

public sealed class RunAdmissionTests
{
    [Fact]
    public async Task Refuses_what_finds_no_place_and_runs_the_queue_in_order()
    {
        using var core = new Core(new ServoOptions { Token = "t", Runs = { MaxConcurrent = 1, MaxQueued = 1 } });
        var gate = new TaskCompletionSource();
        var executing = 0;
        core.OnScript = async (_, _, _) =>
        {
            Interlocked.Increment(ref executing).ShouldBe(1);
            await gate.Task;
            Interlocked.Decrement(ref executing);
            return new ScriptExit(0, false);
        };

        var first = core.RunAsync();
        var second = core.RunAsync();
        (await core.RunAsync()).Rejection.ShouldBe(new Rejection.Busy(2));
        core.Get<RunAdmission>().Refusal.ShouldBe(new Rejection.Busy(2));

        gate.SetResult();
        (await first).Value!.Failure.ShouldBeNull();
        (await second).Value!.Failure.ShouldBeNull();
        core.Get<RunAdmission>().Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task Once_closed_refuses_runs_and_tells_when_the_last_has_ended()
    {
        using var core = new Core();
        var gate = new TaskCompletionSource();
        core.OnScript = async (_, _, _) =>
        {
            await gate.Task;
            return new ScriptExit(0, false);
        };
        var run = core.RunAsync();

        var empty = core.Get<RunAdmission>().CloseAsync(new Rejection.ShuttingDown());

        (await core.RunAsync()).Rejection.ShouldBe(new Rejection.ShuttingDown());
        empty.IsCompleted.ShouldBeFalse();
        gate.SetResult();
        await run;
        await empty.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_run_that_waits_for_a_place_ends_with_the_host()
    {
        using var core = new Core(new ServoOptions { Token = "t", Runs = { MaxConcurrent = 1, MaxQueued = 5 } });
        using var stopping = new CancellationTokenSource();
        var gate = new TaskCompletionSource();
        core.OnScript = async (_, _, _) =>
        {
            await gate.Task;
            return new ScriptExit(0, false);
        };
        var running = core.RunAsync();
        var waiting = core.RunAsync(stopping: stopping.Token);

        await stopping.CancelAsync();

        (await waiting).Value!.Failure.ShouldBeOfType<Rejection.Cancelled>();
        gate.SetResult();
        (await running).Value!.Failure.ShouldBeNull();
    }
}
