using System.Text.Json;
using Servo.Testing;

namespace Servo.Cli.Tests;

/// <summary>A gateway that hangs. A class of its own, as it takes a minute beside which others can run.</summary>
public sealed class SilentGatewayTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Is_given_up_when_it_has_given_signs_of_life_and_gives_no_more()
    {
        _folder.Write("deploy/a.py", "");
        await using var server = await WebServer.StartAsync(static async (_, context) =>
        {
            await WebServer.AnswerAsync(context, 200, "application/x-ndjson", """
                {"event":"run","id":"r1"}
                {"event":"ping"}

                """);
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
        });
        await using var tool = ServoTool.Start(
            _folder.Path, [("SERVO_URL", server.Url.OriginalString), ("SERVO_TOKEN", Gateway.Token)], "run", "deploy", "a.py", "--json");

        var result = await tool.EndAsync(TimeSpan.FromMinutes(3));

        result.ExitCode.ShouldBe(3);
        result.Error.ShouldEndWith(" has sent no heartbeat for 60 seconds, although it sent one every 15 seconds before. It is unknown whether the run r1 is still going: search the gateway's log for r1.\n");
        JsonDocument.Parse(result.Output).RootElement.GetProperty("error").ShouldSatisfyAllConditions(
            error => error.GetProperty("kind").GetString().ShouldBe("unresponsive"),
            error => error.GetProperty("runId").GetString().ShouldBe("r1"));
    }
}
