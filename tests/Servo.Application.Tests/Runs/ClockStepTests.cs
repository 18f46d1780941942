using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Servo.Application.Logs;
using Servo.Application.Runs;
using Servo.Application.Scripts;
using Servo.Domain;
using Servo.Domain.Runs;
using Servo.Testing;

namespace Servo.Application.Tests.Runs;

/// <summary>Runs while the machine's clock is set, a day forward or back: what is measured is what has passed.</summary>
public sealed class ClockStepTests
{
    private readonly FakeTimeProvider _machine = new(new DateTimeOffset(2026, 11, 26, 8, 0, 0, TimeSpan.Zero));
    private readonly SteppedTime _time;

    public ClockStepTests() => _time = new SteppedTime(_machine);

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task A_run_takes_the_time_that_passes_and_its_lines_and_its_end_agree(int days)
    {
        using var core = new Core(services => services.AddSingleton<TimeProvider>(_time));
        core.OnScript = async (_, output, _) =>
        {
            await output.WriteAsync(new RunEvent.Output("a.py", OutputStream.Stdout, "before\n"u8.ToArray()));
            _time.Step = TimeSpan.FromDays(days);
            _machine.Advance(TimeSpan.FromSeconds(5));
            await output.WriteAsync(new RunEvent.Output("a.py", OutputStream.Stdout, "after\n"u8.ToArray()));
            return new ScriptExit(0, false);
        };
        var start = _time.GetUtcNow();

        var run = (await core.RunAsync()).Value!;

        (run.Accepted, run.Started, run.Ended).ShouldBe((start, start, start.AddSeconds(5)));
        run.Results.Single().Elapsed.ShouldBe(TimeSpan.FromSeconds(5));
        var times = await TimesAsync(core, run.Id);
        times.ShouldBe(times.Order());
        (times[0], times[^1]).ShouldBe((start, start.AddSeconds(5)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task A_run_waits_for_its_start_as_long_as_it_may(int days)
    {
        using var core = new Core(services => services.AddSingleton<TimeProvider>(_time));
        var begun = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        core.OnScript = async (_, _, _) =>
        {
            begun.SetResult();
            await gate.Task;
            return new ScriptExit(0, false);
        };
        var locks = RunLock.Parse(["one"]).Value!;
        var holder = core.RunAsync(Core.Request("a.py") with { Locks = locks });
        await begun.Task;
        var late = (await core.Get<SubmitRun>().ExecuteAsync(
            Core.Request("b.py") with { Locks = locks, QueueTimeout = TimeSpan.FromMinutes(1) }, CancellationToken.None)).Value!;

        _time.Step = TimeSpan.FromDays(days);
        _machine.Advance(TimeSpan.FromSeconds(59));
        (await core.Store.FindAsync(late.Id, TestContext.Current.CancellationToken))!.Run.State.ShouldBe(RunState.Waiting);
        _machine.Advance(TimeSpan.FromSeconds(1));

        var ended = (await core.Get<FollowRun>().EndAsync(late.Id, TestContext.Current.CancellationToken))!.Run;
        ended.State.ShouldBe(RunState.TimedOut);
        ended.Ended!.Value.ShouldBeGreaterThanOrEqualTo(ended.Accepted);
        gate.SetResult();
        await holder;
    }

    [Theory]
    [InlineData(0, 40)]
    [InlineData(-1, 60)]
    public async Task What_an_earlier_host_has_queued_waits_no_longer_than_its_limit(int days, int secondsLeft)
    {
        var store = new MemoryRunStore();
        var order = new RunOrder(ScriptList.Parse("a.py").Value!, RunVariables.None) { QueueTimeout = TimeSpan.FromMinutes(1), IsDetached = true };
        var run = Run.Accept(RunId.New(_time.GetUtcNow()), order, _time.GetUtcNow());
        await store.AcceptAsync(run, claimHere: null, maxQueued: 9, TestContext.Current.CancellationToken);
        _machine.Advance(TimeSpan.FromSeconds(20));
        _time.Step = TimeSpan.FromDays(days);
        using var admission = new RunAdmission(Options.Create(new AdmissionOptions()), _time);
        await using var waiting = new WaitingRuns(store, new MemoryBundleStore(), new MemoryRunLog(), admission, _time, NullLogger<WaitingRuns>.Instance);

        await waiting.LoadAsync(TestContext.Current.CancellationToken);

        _machine.Advance(TimeSpan.FromSeconds(secondsLeft - 1));
        (await StateAsync()).ShouldBe(RunState.Queued);
        _machine.Advance(TimeSpan.FromSeconds(1));
        (await StateAsync()).ShouldBe(RunState.TimedOut);

        async Task<RunState> StateAsync() => (await store.FindAsync(run.Id, TestContext.Current.CancellationToken))!.Run.State;
    }

    private static async Task<List<DateTimeOffset>> TimesAsync(Core core, RunId id)
    {
        var times = new List<DateTimeOffset>();

        for (var records = (await core.Log.ReadAsync(id, LogPosition.Start, int.MaxValue, TestContext.Current.CancellationToken)).Records;
            LogRecords.TryTake(ref records, out var record);)
        {
            times.Add(DateTimeOffset.Parse(JsonDocument.Parse(record).RootElement.GetProperty("at").GetString()!, CultureInfo.InvariantCulture));
        }

        return times;
    }
}
