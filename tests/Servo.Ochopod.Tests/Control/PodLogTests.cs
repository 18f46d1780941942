using Microsoft.Extensions.Logging;
using Servo.Ochopod.Control;

namespace Servo.Ochopod.Tests.Control;

public sealed class PodLogTests
{
    private const string Hostile = "x\u001b[2J\r\n2026-01-01T00:00:00Z info: Servo[0] all is well\u009b\u202e";

    [Fact]
    public void Nothing_of_a_record_acts_on_a_terminal_or_begins_a_line()
    {
        using var log = new PodLog(TimeProvider.System);
        var logger = log.CreateLogger("Servo.Some.Thing");

#pragma warning disable CA1848, CA2254 // What is logged here is the point.
        logger.LogWarning(new InvalidOperationException($"thrown {Hostile}"), "said {What}", Hostile);
#pragma warning restore CA1848, CA2254

        log.Lines.ShouldAllBe(line => !line.TrimEnd('\n').Any(char.IsControl));
        log.Lines.ShouldAllBe(line => line.Contains(" - WARNING - Thing - ", StringComparison.Ordinal));
        log.Lines[0].ShouldEndWith("said x\\u001b[2J\\r\\n2026-01-01T00:00:00Z info: Servo[0] all is well\\u009b\\u202e\n");
    }
}
