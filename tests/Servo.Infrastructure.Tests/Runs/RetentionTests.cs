using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Servo.Application.Runs;
using Servo.Domain;
using Servo.Domain.Runs;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Runs;

/// <summary>What is kept while the machine's clock is set, a day forward or back.</summary>
public sealed class RetentionTests : IDisposable
{
    private static readonly TimeSpan _maxAge = TimeSpan.FromHours(1);

    private readonly FakeTimeProvider _machine = new(new DateTimeOffset(2026, 11, 26, 8, 0, 0, TimeSpan.Zero));
    private readonly SteppedTime _time;
    private readonly EmbeddedState _state = new();
    private readonly RunRetention _retention;

    public RetentionTests()
    {
        _time = new SteppedTime(_machine);
        _retention = new RunRetention(
            _state.Store, _state.Log, Options.Create(new StateOptions { MaxAge = _maxAge }), _time, NullLogger<RunRetention>.Instance);
    }

    public void Dispose() => _state.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(0)]
    public async Task Nothing_is_forgotten_before_its_time_has_passed(int days)
    {
        var before = await EndedAsync();
        _time.Step = TimeSpan.FromDays(days);
        var after = await EndedAsync();

        _machine.Advance(_maxAge);
        await TrimAsync();
        (await IsKeptAsync(before)).ShouldBeTrue();
        (await IsKeptAsync(after)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_clock_that_is_right_again_has_everything_forgotten_in_its_time()
    {
        _time.Step = TimeSpan.FromDays(1);
        _time.Step = TimeSpan.Zero;
        var run = await EndedAsync();

        _machine.Advance(_maxAge + TimeSpan.FromMilliseconds(1));
        await TrimAsync();

        (await IsKeptAsync(run)).ShouldBeFalse();
    }

    private async Task<RunId> EndedAsync()
    {
        var now = _time.GetUtcNow();
        var run = Run.Accept(RunId.New(now), new RunOrder(ScriptList.Parse("a.py").Value!, RunVariables.None), now);
        await _state.Store.AcceptAsync(run, claimHere: null, maxQueued: 9, TestContext.Current.CancellationToken);
        (await _state.Store.CancelAsync(run.Id, new RunFailure.Cancelled("enough"), now)).ShouldBeOfType<CancelResult.Ended>();
        return run.Id;
    }

    private Task TrimAsync() => _retention.TrimAsync(TestContext.Current.CancellationToken);

    private async Task<bool> IsKeptAsync(RunId id) => await _state.Store.FindAsync(id, TestContext.Current.CancellationToken) is not null;
}
