using Servo.Testing;

namespace Servo.Client.Tests.Runs;

/// <summary>A stream that breaks off is followed again behind its last record: no line is lost, doubled or torn.</summary>
public sealed class ReconnectionTests : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly RecordedProgress _progress = new();

    public ReconnectionTests() => _folder.Write("a.py", "");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_line_comes_once_and_in_order()
    {
        await using var gateway = await DurableGateway.StartAsync(
            DurableGateway.Accepted + DurableGateway.Started + DurableGateway.Line(2, 1, "one"),
            DurableGateway.Accepted + DurableGateway.Line(2, 1, "one") + DurableGateway.Line(3, 2, "two") + """{"event":"line","seq":4,"n":3,"scr""",
            DurableGateway.Accepted + DurableGateway.Line(4, 3, "three") + DurableGateway.Result(5));

        var outcome = await RunAsync(gateway);

        outcome.Succeeded.ShouldBeTrue();
        outcome.Lines.Select(line => line.Text).ShouldBe(["one", "two", "three"]);
        outcome.Lines[0].Time.ShouldBe(new DateTimeOffset(2026, 11, 26, 8, 0, 0, 123, TimeSpan.Zero));
        _progress.Lines.ShouldBe(["one", "two", "three"]);
        _progress.Reports.OfType<RunProgress.Accepted>().Single().RunId.ShouldBe("r1");
        _progress.Reports.OfType<RunProgress.Started>().Single().RunId.ShouldBe("r1");
        _progress.Reports.OfType<RunProgress.Reconnecting>().Count().ShouldBe(2);
        gateway.Targets[1..].ShouldBe(["/runs/r1/events?after=2", "/runs/r1/events?after=3"]);
    }

    [Fact]
    public async Task The_parts_of_a_long_line_are_joined_across_a_break()
    {
        await using var gateway = await DurableGateway.StartAsync(
            DurableGateway.Accepted + DurableGateway.Line(1, 1, "one ", more: true) + DurableGateway.Line(2, 1, "and ", more: true),
            DurableGateway.Accepted + DurableGateway.Line(3, 1, "the same") + DurableGateway.Line(4, 2, "next") + DurableGateway.Result(5));

        (await RunAsync(gateway)).Lines.Select(line => (line.Number, line.Text)).ShouldBe([(1, "one and the same"), (2, "next")]);
    }

    [Fact]
    public async Task A_line_whose_end_never_came_is_told_as_far_as_it_was_kept()
    {
        await using var gateway = await DurableGateway.StartAsync(
            DurableGateway.Accepted + DurableGateway.Line(1, 1, "cut ", more: true) + DurableGateway.Line(2, 1, "by a full disk", more: true)
                + DurableGateway.Line(3, 2, "next") + DurableGateway.Line(4, 3, "cut by a crash", more: true) + DurableGateway.Result(5));

        (await RunAsync(gateway)).Lines.Select(line => (line.Number, line.Text)).ShouldBe([(1, "cut by a full disk"), (2, "next"), (3, "cut by a crash")]);
        _progress.Lines.ShouldBe(["cut by a full disk", "next", "cut by a crash"]);
    }

    [Fact]
    public async Task A_gateway_that_restarts_is_asked_again()
    {
        await using var gateway = await DurableGateway.StartAsync(DurableGateway.Accepted, DurableGateway.Accepted + DurableGateway.Result(1));
        var refused = 0;
        gateway.Answer = async context =>
        {
            if (context.Request.Method != "GET" || refused++ > 1)
                return false;

            await DurableGateway.RefuseAsync(context, 503, "shutting-down");
            return true;
        };

        (await RunAsync(gateway)).Succeeded.ShouldBeTrue();

        gateway.Targets.Length.ShouldBe(4);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_end_is_taken_although_the_log_has_lost_what_was_seen(bool isToldByItsStatus)
    {
        await using var gateway = await DurableGateway.StartAsync(
            DurableGateway.Accepted + DurableGateway.Started + DurableGateway.Line(2, 1, "one") + DurableGateway.Line(3, 2, "two"),
            DurableGateway.Accepted + (isToldByItsStatus ? DurableGateway.Started + DurableGateway.Line(2, 1, "one") : "") + DurableGateway.Result(3));
        gateway.Answer = context =>
        {
            var isRefused = isToldByItsStatus && context.Request.Query["after"] == "3";
            context.Response.StatusCode = isRefused ? 204 : 200;
            return Task.FromResult(isRefused);
        };

        var outcome = await RunAsync(gateway);

        outcome.Succeeded.ShouldBeTrue();
        outcome.Lines.Select(line => line.Text).ShouldBe(["one", "two"]);
    }

    [Fact]
    public async Task It_is_given_up_after_a_time()
    {
        await using var gateway = await DurableGateway.StartAsync([DurableGateway.Accepted, .. Enumerable.Repeat(DurableGateway.Accepted, 100)]);

        var fault = await Should.ThrowAsync<ServoRequestException>(() => RunAsync(gateway, TimeSpan.FromSeconds(1)));

        fault.Error.ShouldBe(ServoRequestError.ConnectionLost);
        fault.RunId.ShouldBe("r1");
        fault.Message.ShouldEndWith("It is unknown whether the run r1 is still going: search the gateway's log for r1.");
        gateway.Targets.Length.ShouldBeInRange(2, 20);
    }

    [Fact]
    public async Task No_time_turns_it_off()
    {
        await using var gateway = await DurableGateway.StartAsync(DurableGateway.Accepted);

        (await Should.ThrowAsync<ServoRequestException>(() => RunAsync(gateway, TimeSpan.Zero))).Error.ShouldBe(ServoRequestError.ConnectionLost);

        gateway.Targets.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_run_that_the_gateway_no_longer_knows_is_said_at_once()
    {
        await using var gateway = await DurableGateway.StartAsync(DurableGateway.Accepted);

        var fault = await Should.ThrowAsync<ServoRequestException>(() => RunAsync(gateway));

        fault.Error.ShouldBe(ServoRequestError.ConnectionLost);
        fault.Message.ShouldContain("refused the request (404): Because unknown-run.");
        gateway.Targets.Length.ShouldBe(2);
    }

    [Fact]
    public async Task A_run_that_the_gateway_gave_up_before_its_start_is_posted_again()
    {
        await using var gateway = await DurableGateway.StartAsync(
            DurableGateway.Accepted + GivenUp(),
            DurableGateway.Accepted + DurableGateway.Started + DurableGateway.Line(2, 1, "one") + DurableGateway.Result(3));

        var outcome = await RunAsync(gateway);

        outcome.Succeeded.ShouldBeTrue();
        outcome.Lines.Select(line => line.Text).ShouldBe(["one"]);
        gateway.Targets.ShouldBe(["/run/a.py", "/run/a.py"]);
        var retrying = _progress.Reports.OfType<RunProgress.Retrying>().Single();
        retrying.Delay.ShouldBeInRange(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(38));
        retrying.Reason.ShouldContain("did not start the run r1: the run never started: the gateway is shutting down");
    }

    [Fact]
    public async Task A_run_that_was_given_up_is_a_refusal_where_it_may_not_be_posted_again_so_late()
    {
        await using var gateway = await DurableGateway.StartAsync(DurableGateway.Accepted + GivenUp());

        var fault = await Should.ThrowAsync<ServoRequestException>(() => RunAsync(gateway, longestDelay: TimeSpan.FromSeconds(29)));

        (fault.Error, fault.Kind, fault.RunId, fault.RetryAfter).ShouldBe((ServoRequestError.Unavailable, RefusalKinds.ShuttingDown, "r1", TimeSpan.FromSeconds(30)));
        gateway.Targets.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_run_of_a_pod_that_was_killed_is_not_posted_again()
    {
        await using var gateway = await DurableGateway.StartAsync(DurableGateway.Accepted + GivenUp("pod-killed"));

        var fault = await Should.ThrowAsync<ServoRequestException>(() => RunAsync(gateway));

        (fault.Error, fault.Kind, fault.RetryAfter).ShouldBe((ServoRequestError.Unavailable, RefusalKinds.PodKilled, null));
    }

    [Fact]
    public async Task Who_follows_a_run_that_was_given_up_gets_its_end()
    {
        await using var gateway = await DurableGateway.StartAsync(DurableGateway.Accepted + GivenUp());

        var outcome = await Client(gateway).WaitAsync("r1", cancellationToken: TestContext.Current.CancellationToken);

        outcome.Failure!.Kind.ShouldBe(FailureKinds.ShuttingDown);
    }

    [Fact]
    public async Task Waiting_is_told_with_its_reasons()
    {
        await using var gateway = await DurableGateway.StartAsync(
            DurableGateway.Accepted
            + """{"event":"queued","seq":0,"position":2}""" + "\n"
            + """{"event":"waiting","seq":0,"waitsFor":[{"lock":"db","run":"r0"}]}""" + "\n"
            + DurableGateway.Started + DurableGateway.Result(2));

        await RunAsync(gateway);

        _progress.Reports.OfType<RunProgress.Queued>().Single().Position.ShouldBe(2);
        _progress.Reports.OfType<RunProgress.Waiting>().Single().WaitsFor.Select(holder => (holder.Name, holder.RunId)).ShouldBe([("db", "r0")]);
    }

    private static string GivenUp(string kind = "shutting-down") =>
        $$$"""{"event":"result","seq":1,"ok":false,"id":"r1","scripts":[],"failure":{"kind":"{{{kind}}}","detail":"the run never started: the gateway is shutting down"}}""" + "\n";

    private Task<RunOutcome> RunAsync(DurableGateway gateway, TimeSpan? reconnect = null, TimeSpan? longestDelay = null) =>
        Client(gateway, reconnect, longestDelay).RunAsync(
            Bundle.FromDirectory(_folder.Path), ["a.py"], progress: _progress, cancellationToken: TestContext.Current.CancellationToken);

    private static ServoClient Client(DurableGateway gateway, TimeSpan? reconnect = null, TimeSpan? longestDelay = null) =>
        new(gateway.Url, new ServoCredential(DurableGateway.Token), new ServoClientOptions
        {
            ReconnectTimeout = reconnect ?? TimeSpan.FromSeconds(30),
            MaxRetryDelay = longestDelay ?? TimeSpan.FromMinutes(1),

            // The pause that the gateway wants after a stop is not waited for.
            Delay = (delay, token) => delay.TotalSeconds is > 29 and < 40 ? Task.CompletedTask : Task.Delay(delay, token),
        });
}
