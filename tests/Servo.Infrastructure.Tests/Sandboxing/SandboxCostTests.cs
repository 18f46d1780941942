using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Servo.Application.Scripts;
using Servo.Application.Workspaces;
using Servo.Infrastructure.Scripts;
using Servo.Infrastructure.Tests.Scripts;
using Servo.Infrastructure.Workspaces;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Sandboxing;

/// <summary>
/// What the sandbox costs a script, side by side in one process. The bounds are those of a machine that is busy with other tests; by hand, with
/// <c>SERVO_TEST_PAIRS=1000</c>, the diagnostic messages tell more.
/// </summary>
[Collection<MeasuredAlone>]
public sealed class SandboxCostTests
{
    private static readonly int Pairs = int.Parse(
        Environment.GetEnvironmentVariable("SERVO_TEST_PAIRS") ?? "60", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData(ScriptSandbox.Neighbours, true, null)]
    [InlineData(ScriptSandbox.Neighbours, false, "/bin/sh")] // whose own start is short: that of Python varies by more than what is looked for
    [InlineData(ScriptSandbox.Strict, true, null)]
    [InlineData(ScriptSandbox.Strict, false, "/bin/sh")]
    public async Task Is_small(ScriptSandbox level, bool warm, string? interpreter)
    {
        await using var none = new ScriptFixture(warm: warm, sandbox: ScriptSandbox.None);
        await using var inside = new ScriptFixture(warm: warm, sandbox: level);
        await none.InitializeAsync();
        await inside.InitializeAsync();
        var differences = new List<double>();

        for (var pair = 0; pair < Pairs; pair++)
        {
            var first = pair % 2 == 0 ? none : inside;
            var (one, other) = (await TimeAsync(first, interpreter), await TimeAsync(first == none ? inside : none, interpreter));
            differences.Add(first == none ? other - one : one - other);
        }

        differences.Sort();
        TestContext.Current.SendDiagnosticMessage(
            $"{level}, {(warm ? "warm" : "cold")}: {differences[Pairs / 2]:0.000} ms more (quartiles {differences[Pairs / 4]:0.000}, {differences[3 * Pairs / 4]:0.000})");
        differences[Pairs / 2].ShouldBeLessThan(5);
    }

    [Theory]
    [InlineData(ScriptSandbox.Neighbours)]
    [InlineData(ScriptSandbox.Strict)]
    public async Task Of_its_rules_is_small(ScriptSandbox level)
    {
        var python = await Python.ExecutableAsync();
        using var root = TempDirectory.ForGateway();
        using var runtime = new RuntimeDirectory(Options.Create(new WorkspaceOptions { Root = root.Path }));
        using var meters = new RecordingMeters();
        using var confinement = new ScriptConfinement(new ScriptOptions { Sandbox = level }, runtime, [], new ScriptTelemetry(meters), NullLogger.Instance);
        var times = new List<double>();

        for (var round = 0; round < 2 * Pairs; round++)
        {
            var start = Stopwatch.GetTimestamp();
            confinement.Make(root.Path, python)!.Dispose();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        times.RemoveRange(0, Pairs); // compiled meanwhile
        times.Sort();
        TestContext.Current.SendDiagnosticMessage($"rules, {level}: {times[Pairs / 2]:0.000} ms (quartiles {times[Pairs / 4]:0.000}, {times[3 * Pairs / 4]:0.000})");
        times[Pairs / 2].ShouldBeLessThan(5);
    }

    private static async Task<double> TimeAsync(ScriptFixture scripts, string? interpreter)
    {
        var start = Stopwatch.GetTimestamp();
        var run = interpreter is null ? scripts.RunAsync("", new RecordingOutput()) : scripts.RunAsync("empty", "", interpreter);
        (await run).Code.ShouldBe(0);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
