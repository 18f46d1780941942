using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Servo.Application.Runs;
using Servo.Application.Scripts;
using Servo.Domain;
using Servo.Testing;

namespace Servo.Application.Tests.Runs;

public sealed class RunForecastTests
{
    private static readonly TimeSpan _hour = TimeSpan.FromHours(1);

    private readonly FakeTimeProvider _time = new();
    private readonly RunForecast _forecast;

    public RunForecastTests() => _forecast = new RunForecast(_time);

    [Fact]
    public void A_run_is_expected_to_take_as_long_as_those_of_the_same_scripts_did()
    {
        Took("long.py", 100);
        Took("short.py", 4);

        using var run = _forecast.Begin(Scripts("long.py"), _hour);
        Seconds.ShouldBe(100);
        _time.Advance(TimeSpan.FromSeconds(10));
        Seconds.ShouldBe(90);

        using var other = _forecast.Begin(Scripts("short.py"), _hour);
        Seconds.ShouldBe(4);
    }

    [Fact]
    public void One_of_other_scripts_is_expected_to_take_as_long_as_all_do_and_without_any_a_few_seconds()
    {
        Seconds.ShouldBe(5);

        using (_forecast.Begin(Scripts("first.py"), _hour))
            Seconds.ShouldBe(5);

        Took("a.py", 100);
        Took("b.py", 100);

        using var run = _forecast.Begin(Scripts("new.py"), _hour);
        Seconds.ShouldBeInRange(20, 100);
    }

    [Fact]
    public void One_that_takes_longer_than_usual_is_expected_to_take_as_long_again()
    {
        Took("a.py", 3);

        using var run = _forecast.Begin(Scripts("a.py"), _hour);
        _time.Advance(TimeSpan.FromSeconds(90));

        Seconds.ShouldBe(90);
    }

    [Fact]
    public void None_is_expected_to_go_on_beyond_its_time_limit()
    {
        using var run = _forecast.Begin(Scripts("a.py"), TimeSpan.FromSeconds(100));
        _time.Advance(TimeSpan.FromSeconds(90));
        Seconds.ShouldBe(10);
    }

    [Fact]
    public void A_step_of_the_clock_is_no_time()
    {
        var time = new SteppedTime(_time);
        var forecast = new RunForecast(time);
        using var run = forecast.Begin(Scripts("a.py"), _hour);

        foreach (var days in new[] { 1, -1 })
        {
            time.Step = TimeSpan.FromDays(days);
            forecast.NextEnd.ShouldBe(TimeSpan.FromSeconds(5));
        }
    }

    [Fact]
    public void Only_the_scripts_that_ran_lately_are_remembered()
    {
        Took("kept.py", 1000);
        Took("forgotten.py", 1000);

        for (var i = 0; i < 255; i++)
        {
            Took($"{i}.py", 1);
            Took("kept.py", 1000);
        }

        using (_forecast.Begin(Scripts("kept.py"), _hour))
            Seconds.ShouldBe(1000);

        Took("one more.py", 1);
        Took("and one more.py", 1);

        using (_forecast.Begin(Scripts("forgotten.py"), _hour))
            Seconds.ShouldBeLessThan(1000);
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(1, 4)]
    [InlineData(90, 90)]
    [InlineData(3590, 10)]
    [InlineData(3600, 1)]
    [InlineData(2400, 600)]
    public async Task A_caller_that_finds_no_place_is_told_when_the_run_in_progress_is_expected_to_end(int elapsed, int expected)
    {
        using var core = new Core(services => services
            .AddSingleton<TimeProvider>(_time)
            .Configure<AdmissionOptions>(runs => (runs.MaxConcurrent, runs.MaxQueued) = (1, 0)));
        var begun = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        core.OnScript = async (_, _, _) =>
        {
            begun.SetResult();
            await gate.Task;
            return new ScriptExit(0, false);
        };
        var running = core.RunAsync();
        await begun.Task;

        // What ends it at its limit is its script, which takes no notice here.
        _time.Advance(TimeSpan.FromSeconds(elapsed));

        (await core.RunAsync()).Refusal.ShouldBe(new Refusal.Busy(1, TimeSpan.FromSeconds(expected)));
        gate.SetResult();
        await running;
    }

    private double Seconds => _forecast.NextEnd.TotalSeconds;

    private static ScriptList Scripts(string name) => ScriptList.Parse(name).Value!;

    private void Took(string name, int seconds)
    {
        using (_forecast.Begin(Scripts(name), _hour))
            _time.Advance(TimeSpan.FromSeconds(seconds));
    }
}
