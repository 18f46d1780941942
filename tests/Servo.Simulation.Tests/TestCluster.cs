using System.Text;
using System.Text.Json;
using Servo.Testing;

namespace Servo.Simulation.Tests;

/// <summary>An embedded portal whose clock stands still, and what its commands answer.</summary>
internal sealed class TestCluster
{
    public const string Web = "cluster: web\nimage: registry:5000/acme/web:1.0\nports:\n  - 80\n  - 8443 443\n  - 9000 * tcp\n";

    private readonly SimulatedPortal _portal = new(new StandingClock());

    /// <summary>Runs a line and returns what it answered.</summary>
    public async Task<(bool Ok, string Out)> RunAsync(string line, params (string Name, string Content)[] files)
    {
        var multipart = PortalCalls.Multipart([.. files.Select(file => (file.Name, Encoding.UTF8.GetBytes(file.Content)))]);
        var answer = await _portal.AnswerToAsync(files.Length == 0 ? PortalCalls.Command(line) : PortalCalls.WithFiles(line, multipart));

        answer.EnumerateObject().Select(member => member.Name).ShouldBe(["ok", "ms", "out"]);
        answer.GetProperty("ms").ValueKind.ShouldBe(JsonValueKind.Number);
        return (answer.GetProperty("ok").GetBoolean(), answer.GetProperty("out").GetString()!);
    }

    /// <summary>Runs a line that must succeed and returns its output.</summary>
    public async Task<string> DoneAsync(string line, params (string Name, string Content)[] files)
    {
        var (ok, text) = await RunAsync(line, files);
        ok.ShouldBeTrue(text);
        return text;
    }

    /// <summary>Runs a line that must fail and returns its output.</summary>
    public async Task<string> FailedAsync(string line, params (string Name, string Content)[] files)
    {
        var (ok, text) = await RunAsync(line, files);
        ok.ShouldBeFalse(text);
        return text;
    }

    /// <summary>Starts pods of <see cref="Web"/>.</summary>
    public Task<string> DeployAsync(int pods = 1) => DoneAsync($"deploy web.yml -p {pods}", ("web.yml", Web));

    private sealed class StandingClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2016, 2, 11, 12, 0, 0, TimeSpan.Zero);

        public override long GetTimestamp() => 0;
    }
}
