using Microsoft.AspNetCore.Http;
using Servo.Testing;

namespace Servo.Client.Tests.Runs;

/// <summary>The client gives up on a gateway that sent heartbeats and then falls silent, and waits for one that never sent any.</summary>
public sealed class HeartbeatTests : IDisposable
{
    private const string Started = """{"event":"run","id":"r1"}""" + "\n";
    private const string Ping = """{"event":"ping"}""" + "\n";
    private const string Result = """{"event":"result","ok":true,"id":"r1","scripts":[]}""" + "\n";

    private readonly TempDirectory _folder = new();
    private readonly RecordedProgress _progress = new();

    public HeartbeatTests() => _folder.Write("a.py", "");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_gateway_that_hangs_after_a_sign_is_given_up_after_a_minute()
    {
        await using var server = await WebServer.StartAsync(async (_, context) =>
        {
            await SayAsync(context, Started + Ping);
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
        });
        var waited = new List<TimeSpan>();

        var fault = await Should.ThrowAsync<ServoRequestException>(() => RunAsync(server, (time, token) =>
        {
            waited.Add(time);
            return time == Timeout.InfiniteTimeSpan ? Task.Delay(time, token) : Task.CompletedTask;
        }));

        fault.Error.ShouldBe(ServoRequestError.Unresponsive);
        fault.RunId.ShouldBe("r1");
        fault.Message.ShouldEndWith("has sent no heartbeat for 60 seconds, although it sent one every 15 seconds before. It is unknown whether the run r1 is still going: search the gateway's log for r1.");
        waited[^1].ShouldBe(TimeSpan.FromSeconds(60));
        _progress.Reports[^1].ShouldBeOfType<RunProgress.Started>();
    }

    [Fact]
    public async Task A_gateway_that_gives_no_signs_may_be_silent_for_as_long_as_a_script_runs()
    {
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await WebServer.StartAsync(async (_, context) =>
        {
            await SayAsync(context, Started);
            await waiting.Task.WaitAsync(TimeSpan.FromSeconds(30));
            await SayAsync(context, Result);
        });

        var outcome = await RunAsync(server, (time, token) =>
        {
            if (_progress.Reports.Any(report => report is RunProgress.Started))
                waiting.TrySetResult();

            return time == Timeout.InfiniteTimeSpan ? Task.Delay(time, token) : Task.CompletedTask;
        });

        outcome.Succeeded.ShouldBeTrue();
    }

    [Fact]
    public async Task Every_byte_is_a_sign_of_life()
    {
        using var waits = new SemaphoreSlim(0);
        await using var server = await WebServer.StartAsync(async (_, context) =>
        {
            await SayAsync(context, Ping);

            foreach (var part in Result.Chunk(10))
            {
                // The client waits for this part, and no longer than a minute.
                (await waits.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBeTrue();
                await SayAsync(context, new string(part));
            }
        });

        var outcome = await RunAsync(server, (time, token) =>
        {
            if (time != Timeout.InfiniteTimeSpan)
                waits.Release();

            return Task.Delay(Timeout.Infinite, token);
        });

        outcome.Succeeded.ShouldBeTrue();
    }

    private Task<RunOutcome> RunAsync(WebServer server, Func<TimeSpan, CancellationToken, Task> delay) =>
        new ServoClient(server.Url, new ServoCredential("a token"), new ServoClientOptions { MaxRetries = 0, Delay = delay })
            .RunAsync(Bundle.FromDirectory(_folder.Path), ["a.py"], progress: _progress);

    private static async Task SayAsync(HttpContext context, string text)
    {
        if (!context.Response.HasStarted)
            context.Response.ContentType = "application/x-ndjson";

        await context.Response.WriteAsync(text);
        await context.Response.Body.FlushAsync();
    }
}
