using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>The short form of <c>bench/soak.py</c>; the long one is run by hand.</summary>
public sealed class SoakTests
{
    [Fact]
    public async Task Honest_runs_among_hostile_ones_are_not_harmed_and_nothing_is_left()
    {
        var soak = await ChildProcess.TryAsync(
            Repository.Root, "python3", "bench/soak.py", "--seconds", "20", "--seed", "20261126", "--host", Gateway.HostAssembly);

        soak.ExitCode.ShouldBe(0, soak.Output + soak.Error);
        soak.Output.TrimEnd().ShouldEndWith("0 honest runs harmed, 0 things left");
    }
}
