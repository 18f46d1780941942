using System.Diagnostics;
using Servo.Domain.Runs;
using Servo.Infrastructure.Logs;

namespace Servo.Infrastructure.Tests.Logs;

public sealed class InProcessRunSignalsTests
{
    private static readonly TimeSpan _long = TimeSpan.FromSeconds(30);

    private readonly InProcessRunSignals _signals = new();
    private readonly RunId _run = RunId.New(DateTimeOffset.UtcNow);

    [Fact]
    public async Task Wakes_all_who_wait_for_the_run()
    {
        using var one = _signals.Listen(_run);
        using var two = _signals.Listen(_run);
        using var other = _signals.Listen(RunId.New(DateTimeOffset.UtcNow));
        var waits = new[] { one.WaitAsync(_long, default), two.WaitAsync(_long, default) };
        var begun = Stopwatch.GetTimestamp();

        _signals.Tell(_run);
        await Task.WhenAll(waits);
        Stopwatch.GetElapsedTime(begun).ShouldBeLessThan(_long);

        var unheard = other.WaitAsync(TimeSpan.FromMilliseconds(50), default);
        unheard.IsCompleted.ShouldBeFalse();
        await unheard;
    }

    [Fact]
    public void Remembers_what_was_told_since_the_last_wait_once()
    {
        using var signal = _signals.Listen(_run);
        _signals.Tell(_run);
        _signals.Tell(_run);

        signal.WaitAsync(_long, default).IsCompletedSuccessfully.ShouldBeTrue();
        using var stop = new CancellationTokenSource();
        var next = signal.WaitAsync(_long, stop.Token);
        next.IsCompleted.ShouldBeFalse();
        stop.Cancel();
    }

    [Fact]
    public void Tells_nobody_who_listens_no_more()
    {
        _signals.Listen(_run).Dispose();

        _signals.Tell(_run);
    }
}
