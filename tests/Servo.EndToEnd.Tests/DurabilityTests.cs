using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>The short form of <c>bench/durability.py</c>; the long one is run by hand.</summary>
public sealed class DurabilityTests
{
    [Fact]
    public async Task Nothing_acknowledged_is_lost_while_the_host_is_killed_stopped_and_starved()
    {
        var soak = await SoakAsync("12");

        soak.ExitCode.ShouldBe(0, soak.Output + soak.Error);
        soak.Output.ShouldNotContain("the full disk is left out");
    }

    [Fact]
    public async Task The_soak_notices_evidence_that_is_falsified()
    {
        var soak = await SoakAsync("8", "--control");

        soak.ExitCode.ShouldBe(1, soak.Output + soak.Error);
    }

    private static Task<ProcessResult> SoakAsync(string seconds, params string[] options) => ChildProcess.TryAsync(
        "python3",
        ["bench/durability.py", "--seconds", seconds, "--seed", "20261126", "--host", Gateway.HostAssembly, .. options],
        new ProcessSettings { WorkingDirectory = Repository.Root, Timeout = TimeSpan.FromMinutes(5) });
}
