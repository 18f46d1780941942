using Microsoft.AspNetCore.Http;
using Servo.Testing;

namespace Servo.Client.Tests.Runs;

/// <summary>A run's events as an enumeration: the published host, and servers that see who has gone.</summary>
public sealed class StreamTests(PublishedGateway gateway) : IClassFixture<PublishedGateway>, IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly RecordedProgress _progress = new();

    private Bundle Bundle => Bundle.FromDirectory(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Events_come_as_they_happen_and_the_last_has_the_outcome()
    {
        _folder.Write("a.py", "import os, time\nprint('first')\nwhile not os.path.exists('go'): time.sleep(0.01)\nprint('second')\nraise SystemExit(3)\n");
        using var http = new HttpClient();
        var seen = new List<RunEvent>();
        var callback = "";

        await foreach (var next in gateway.Client.StreamAsync(Bundle, ["a.py"], progress: _progress, cancellationToken: TestContext.Current.CancellationToken))
        {
            seen.Add(next);

            if (next is RunEvent.Output { Line.Text: var text })
            {
                callback = text.StartsWith("$CALLBACK = ", StringComparison.Ordinal) ? text["$CALLBACK = ".Length..] : callback;

                if (text == "first")
                    (await http.PostAsync(new Uri(callback + "/go"), new StringContent(""))).EnsureSuccessStatusCode();
            }
        }

        var outcome = seen.OfType<RunEvent.Completed>().Single().Outcome;
        seen.First().ShouldBeOfType<RunEvent.Accepted>().RunId.ShouldBe(outcome.RunId);
        seen.Last().ShouldBeOfType<RunEvent.Completed>();
        seen.OfType<RunEvent.Output>().Select(output => output.Line).ShouldBe(outcome.Lines);
        seen.OfType<RunEvent.Output>().Select(output => output.Line.Text).ShouldContain("second");
        seen.OfType<RunEvent.ScriptEnded>().Single().Script.ExitCode.ShouldBe(3);
        Should.Throw<ServoRunFailedException>(outcome.ThrowIfFailed).Message.ShouldBe(
            $"The run {outcome.RunId} failed: a.py failed on exit code 3 (script-failed)\n    first\n    second");
        _progress.Reports.Select(report => report.GetType()).Distinct().ShouldBe([typeof(RunProgress.Packed), typeof(RunProgress.Uploading)]);
    }

    [Fact]
    public async Task Whoever_leaves_closes_the_connection()
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await EndlessAsync(left);
        _folder.Write("a.py", "");

        await foreach (var next in Client(server).StreamAsync(Bundle, ["a.py"], cancellationToken: TestContext.Current.CancellationToken))
        {
            if (next is RunEvent.Output)
                break;
        }

        await left.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cancellation_names_the_run_and_carries_its_token(bool withCancellation)
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await EndlessAsync(left);
        _folder.Write("a.py", "");
        using var cancellation = new CancellationTokenSource();
        var events = withCancellation
            ? Client(server).StreamAsync(Bundle, ["a.py"]).WithCancellation(cancellation.Token)
            : Client(server).StreamAsync(Bundle, ["a.py"], cancellationToken: cancellation.Token).WithCancellation(CancellationToken.None);

        // Not Shouldly, which makes an exception of its own of a task that was cancelled.
        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var next in events)
            {
                if (next is RunEvent.Output)
                    await cancellation.CancelAsync();
            }
        });

        cancelled.CancellationToken.ShouldBe(cancellation.Token);
        cancelled.ShouldBeOfType<ServoRunCanceledException>().RunId.ShouldBe("r1");
        cancelled.Message.ShouldBe("The call was cancelled. The run r1 was accepted and is not stopped by this: search the gateway's log for r1.");
        await left.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Nothing_is_sent_before_the_first_event_is_asked_for_and_names_are_checked_at_once()
    {
        await using var server = await WebServer.StartAsync((_, context) => WebServer.SucceedAsync(context));
        _folder.Write("a.py", "");

        Should.Throw<ArgumentException>(() => Client(server).StreamAsync(Bundle, ["a+b.py"]));
        var events = Client(server).StreamAsync(Bundle, ["a.py"], cancellationToken: TestContext.Current.CancellationToken);
        server.Requests.ShouldBe(0);

        await foreach (var _ in events)
        {
        }

        await foreach (var _ in events)
        {
        }

        server.Requests.ShouldBe(2);
    }

    [Fact]
    public async Task A_bundle_that_cannot_be_packed_is_told_by_the_enumeration()
    {
        _folder.Write("a.py", "");

        (await Should.ThrowAsync<BundleException>(async () => await gateway.Client.StreamAsync(Bundle, ["b.py"]).GetAsyncEnumerator().MoveNextAsync()))
            .Error.ShouldBe(BundleError.ScriptNotFound);
    }

    private static ServoClient Client(WebServer server) => new(server.Url, new ServoCredential("a token"));

    /// <summary>A gateway whose run has begun, has said a line and goes on until the caller has left.</summary>
    private static Task<WebServer> EndlessAsync(TaskCompletionSource left) => WebServer.StartAsync(async (_, context) =>
    {
        context.Response.ContentType = "application/x-ndjson";
        await context.Response.WriteAsync(
            """{"event":"run","id":"r1"}""" + "\n" + """{"event":"line","n":1,"script":"a.py","stream":"stdout","text":"hello"}""" + "\n");
        await context.Response.Body.FlushAsync();
        await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
        left.SetResult();
    });
}
