using Microsoft.AspNetCore.Http;
using Servo.Testing;

namespace Servo.Client.Tests.Runs;

/// <summary>Runs that the gateway keeps: started without waiting, listed, shown, followed, read and cancelled.</summary>
public sealed class KeptRunTests : IDisposable
{
    private const string Document =
        """
        {"id":"r1","state":"waiting","accepted":"2026-11-26T08:00:00.123Z","started":null,"ended":null,"waitsFor":[{"lock":"db","run":"r0"}],
         "scripts":[{"name":"a.py","exitCode":0,"seconds":1.5},{"name":"b.py"}],"failure":{"kind":"lost","detail":"gone"},"caller":"10.0.0.1",
         "detached":true,"archive":{"sha256":"ab","bytes":12},"variables":["PODS"],"locks":["db","web;shared"],"cancelRequested":true}
        """;

    private readonly TempDirectory _folder = new();
    private readonly RecordedProgress _progress = new();

    public KeptRunTests() => _folder.Write("a.py", "");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_run_is_started_without_waiting_for_it()
    {
        await using var gateway = await AnsweringAsync(202, Document);
        var options = new RunOptions
        {
            Locks = [new RunLock("db"), RunLock.Parse("web;shared")],
            IdempotencyKey = "job-17",
            RunTimeout = TimeSpan.FromSeconds(90),
            QueueTimeout = TimeSpan.FromMilliseconds(1500),
        };

        var run = await Client(gateway).StartAsync(Bundle.FromDirectory(_folder.Path), ["a.py"], options, cancellationToken: TestContext.Current.CancellationToken);

        run.Id.ShouldBe("r1");
        var headers = gateway.Requests.Single().Headers;
        headers["Prefer"].ShouldBe("respond-async");
        headers["X-Lock"].ShouldBe("db, web;shared");
        headers["Idempotency-Key"].ShouldBe("job-17");
        headers["X-Timeout"].ShouldBe("90");
        headers["X-Queue-Timeout"].ShouldBe("1.5");
    }

    [Fact]
    public async Task A_gateway_that_waits_all_the_same_is_said_to_be_older()
    {
        await using var server = await WebServer.StartAsync(static (_, context) => WebServer.SucceedAsync(context));

        var fault = await Should.ThrowAsync<ServoRequestException>(() => new ServoClient(server.Url, new ServoCredential("t")).StartAsync(Bundle.FromDirectory(_folder.Path), ["a.py"]));

        fault.Error.ShouldBe(ServoRequestError.NotSupported);
        fault.Message.ShouldContain("does not detach runs");
    }

    [Fact]
    public async Task A_run_is_shown_whole()
    {
        await using var gateway = await AnsweringAsync(200, Document);

        var run = await Client(gateway).GetRunAsync("r1", TestContext.Current.CancellationToken);

        gateway.Targets.ShouldBe(["/runs/r1"]);
        run.State.ShouldBe(RunStates.Waiting);
        run.HasEnded.ShouldBeFalse();
        run.Accepted.ShouldBe(new DateTimeOffset(2026, 11, 26, 8, 0, 0, 123, TimeSpan.Zero));
        run.Started.ShouldBeNull();
        run.WaitsFor.Single().ToString().ShouldBe("db (run r0)");
        run.Scripts.Select(script => (script.Name, script.ExitCode, script.Duration)).ShouldBe([("a.py", 0, TimeSpan.FromSeconds(1.5)), ("b.py", null, null)]);
        run.Failure!.Kind.ShouldBe(FailureKinds.Lost);
        (run.Caller, run.IsDetached, run.ArchiveSha256, run.ArchiveBytes, run.IsCancelRequested).ShouldBe(("10.0.0.1", true, "ab", 12, true));
        run.Variables.ShouldBe(["PODS"]);
        run.Locks.Select(named => named.ToString()).ShouldBe(["db", "web;shared"]);
    }

    [Fact]
    public async Task Runs_are_listed_by_pages()
    {
        await using var gateway = await AnsweringAsync(200, $$"""{"runs":[{{Document}}],"next":"r1"}""");

        var page = await Client(gateway).ListRunsAsync(
            new RunQuery { State = "timed-out", Script = "a b/c.py", Since = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(1)), Limit = 5, After = "r2" },
            TestContext.Current.CancellationToken);

        gateway.Targets.ShouldBe(["/runs?state=timed-out&script=a%20b%2Fc.py&since=2026-01-02T02%3A04%3A05.000Z&limit=5&after=r2"]);
        page.Runs.Single().Id.ShouldBe("r1");
        page.Next.ShouldBe("r1");
    }

    [Fact]
    public async Task A_run_is_followed_from_its_first_event()
    {
        await using var gateway = await DurableGateway.StartAsync(
            DurableGateway.Accepted + DurableGateway.Line(1, 1, "one"), DurableGateway.Accepted + DurableGateway.Line(2, 2, "two") + DurableGateway.Result(3));

        var seen = new List<RunEvent>();
        await foreach (var next in Client(gateway).FollowRunAsync("r1", cancellationToken: TestContext.Current.CancellationToken))
            seen.Add(next);

        seen.OfType<RunEvent.Output>().Select(output => output.Line.Text).ShouldBe(["one", "two"]);
        seen[^1].ShouldBeOfType<RunEvent.Completed>().Outcome.Succeeded.ShouldBeTrue();
        gateway.Targets.ShouldBe(["/runs/r1/events?after=0", "/runs/r1/events?after=1"]);
    }

    [Fact]
    public async Task A_log_is_copied_as_it_is()
    {
        await using var gateway = await AnsweringAsync(200, "one\ntwo\n");
        using var log = new MemoryStream();

        await Client(gateway).ReadLogAsync("r1", log, TestContext.Current.CancellationToken);

        System.Text.Encoding.UTF8.GetString(log.ToArray()).ShouldBe("one\ntwo\n");
        gateway.Targets.ShouldBe(["/runs/r1/log"]);
    }

    [Fact]
    public async Task A_run_is_cancelled()
    {
        await using var gateway = await DurableGateway.StartAsync();

        (await Client(gateway).CancelRunAsync("r1", TestContext.Current.CancellationToken)).State.ShouldBe(RunStates.Cancelled);

        gateway.Requests.Single().Method.ShouldBe("DELETE");
    }

    [Fact]
    public async Task A_wrong_token_and_an_unknown_run_are_told_apart()
    {
        await using var gateway = await DurableGateway.StartAsync();

        var unsigned = await Should.ThrowAsync<ServoRequestException>(() => new ServoClient(gateway.Url, new ServoCredential("another")).GetRunAsync("r1"));
        (unsigned.Error, unsigned.Kind).ShouldBe((ServoRequestError.BadSignature, RefusalKinds.UnsignedRequest));
        unsigned.Message.ShouldContain("clock");

        var unknown = await Should.ThrowAsync<ServoRequestException>(() => Client(gateway).GetRunAsync("r9"));
        (unknown.Error, unknown.Kind).ShouldBe((ServoRequestError.BadRequest, RefusalKinds.UnknownRun));
    }

    [Fact]
    public async Task A_gateway_that_keeps_no_runs_is_said_to_be_older()
    {
        await using var server = await WebServer.StartAsync(static (_, context) => WebServer.AnswerAsync(context, 404, "text/plain", "no such page"));

        (await Should.ThrowAsync<ServoRequestException>(() => new ServoClient(server.Url, new ServoCredential("t")).GetRunAsync("r1"))).Error.ShouldBe(ServoRequestError.NotSupported);
    }

    [Fact]
    public async Task Cancelling_the_run_goes_on_to_its_end()
    {
        await using var gateway = await DurableGateway.StartAsync(
            DurableGateway.Accepted + DurableGateway.Line(1, 1, "begun") + "^hang^" + DurableGateway.Line(2, 2, "cleaned up")
            + """{"event":"result","seq":3,"ok":false,"id":"r1","scripts":[],"failure":{"kind":"cancelled","detail":"the run was ended"}}""" + "\n");
        using var cancellation = new CancellationTokenSource();

        var run = Client(gateway).RunAsync(
            Bundle.FromDirectory(_folder.Path), ["a.py"], new RunOptions { RunCancellation = cancellation.Token }, _progress, TestContext.Current.CancellationToken);
        await _progress.SeeLineAsync("begun");
        await cancellation.CancelAsync();

        (await run).Failure!.Kind.ShouldBe(FailureKinds.Cancelled);
        _progress.Lines.ShouldBe(["begun", "cleaned up"]);
        gateway.Requests.Select(request => (request.Method, request.Target)).ShouldContain(("DELETE", "/runs/r1"));
    }

    [Fact]
    public async Task A_gateway_that_cancels_nothing_is_left()
    {
        await using var server = await WebServer.StartAsync(static async (number, context) =>
        {
            if (number > 0)
            {
                await WebServer.AnswerAsync(context, 404, "text/plain", "");
                return;
            }

            context.Response.ContentType = "application/x-ndjson";
            await context.Response.WriteAsync("""{"event":"run","id":"r1"}""" + "\n");
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
        });
        using var cancellation = new CancellationTokenSource();

        var run = new ServoClient(server.Url, new ServoCredential("t")).RunAsync(
            Bundle.FromDirectory(_folder.Path), ["a.py"], new RunOptions { RunCancellation = cancellation.Token }, _progress);
        await _progress.SeeAsync<RunProgress.Started>(_ => true);
        await cancellation.CancelAsync();

        var cancelled = await Assert.ThrowsAsync<ServoRunCanceledException>(() => run);
        cancelled.RunId.ShouldBe("r1");
        cancelled.Message.ShouldContain("is not stopped by this");
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a,b")]
    [InlineData("a;b")]
    [InlineData("ä")]
    public void A_lock_has_a_name_that_a_header_carries(string name) => Should.Throw<ArgumentException>(() => RunLock.Parse(name));

    [Fact]
    public async Task Options_that_cannot_be_sent_are_refused()
    {
        var client = new ServoClient(new Uri("http://127.0.0.1:1"), new ServoCredential("t"));

        foreach (var options in (RunOptions[])[new() { IdempotencyKey = "" }, new() { IdempotencyKey = "a b" }, new() { IdempotencyKey = new string('k', 256) }, new() { RunTimeout = TimeSpan.Zero }, new() { QueueTimeout = TimeSpan.FromTicks(1) }])
            await Should.ThrowAsync<ArgumentException>(() => client.RunAsync(Bundle.FromDirectory(_folder.Path), ["a.py"], options));

        await Should.ThrowAsync<ArgumentException>(() => client.GetRunAsync(".."));
    }

    private static ServoClient Client(DurableGateway gateway) => new(gateway.Url, new ServoCredential(DurableGateway.Token), new ServoClientOptions { MaxRetries = 0 });

    private static async Task<DurableGateway> AnsweringAsync(int status, string body)
    {
        var gateway = await DurableGateway.StartAsync();
        gateway.Answer = async context =>
        {
            await WebServer.AnswerAsync(context, status, "application/json", body);
            return true;
        };
        return gateway;
    }
}
