using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>Runs when their host ends, however it does, and starts again: at most once, and nothing acknowledged is lost.</summary>
public sealed class RestartTests : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly TempDirectory _state = TempDirectory.ForGateway();

    public void Dispose()
    {
        _folder.Dispose();
        _state.Dispose();
    }

    private string Sleeps(string name) =>
        $"import os, time\nopen('{_folder.Path}/{name}-' + str(os.getpid()), 'w').close()\nfor i in range(3): print('line %d' % i, flush=True)\ntime.sleep(60)\n";

    private Task<Gateway> StartAsync(params (string, string)[] settings) => Gateway.StartAsync([("Servo__State__Root", _state.File("state")), .. settings]);

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/plain")]
    public async Task After_a_kill_in_the_middle_of_a_long_line_every_answer_has_what_is_kept_of_it_and_the_failure_on_a_line_of_its_own(string accept)
    {
        const string script = "import sys, time\nsys.stdout.write('first\\n' + 'x' * 100000)\nsys.stdout.flush()\ntime.sleep(60)\n";
        string id;

        await using (var gateway = await StartAsync())
        {
            using var api = new RunsApi(gateway);
            id = await api.PostDetachedAsync(script, ("Idempotency-Key", "k"));
            await RunsApi.HoldsAsync(async () => (await api.LogAsync(id)).Length >= 6 + (3 * 32_768), "three parts of the line");
            await gateway.KillAsync();
        }

        await using var next = await StartAsync();
        using var again = new RunsApi(next);
        (await again.RunAsync(id)).GetProperty("state").GetString().ShouldBe("lost");

        using var response = await again.PostAsync(script, ("Idempotency-Key", "k"), ("Accept", accept));
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        string[] lines = accept == "text/plain"
            ? text.Split('\n')
            : [.. JsonDocument.Parse(text).RootElement.GetProperty("log").EnumerateArray().Select(line => line.GetString()!)];

        lines[^2].ShouldBe(new string('x', 3 * 32_768));
        lines[^1].ShouldStartWith("failure (");
    }

    [Fact]
    public async Task After_a_kill_what_ran_is_lost_what_was_acknowledged_runs_and_what_a_caller_waited_for_does_not()
    {
        string running, queued, waiting, done;
        Task<HttpResponseMessage> caller;

        await using (var gateway = await StartAsync())
        {
            using var api = new RunsApi(gateway);
            done = await api.PostDetachedAsync("print('before')");
            await api.ReachesAsync(done, "succeeded");
            running = await api.PostDetachedAsync(Sleeps("running"), ("X-Lock", "one"));
            await api.SaysAsync(running, "line 2");
            queued = await api.PostDetachedAsync($"open('{_folder.Path}/queued', 'a').write('x')\nprint('ran later')", ("X-Lock", "one"), ("Idempotency-Key", "k"), ("X-Var-Secret", "s3cret"));
            caller = api.PostAsync($"open('{_folder.Path}/waiting', 'w')", ("X-Lock", "one"), ("Accept", "text/event-stream"));
            waiting = (await (await caller).Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)) is var stream
                ? await IdOfAsync(stream) : "";
            await gateway.KillAsync();
            await RunsApi.HoldsAsync(() => Task.FromResult(!Alive("running-")), "no script left");
        }

        await using var next = await StartAsync();
        using var again = new RunsApi(next);
        var lost = await again.RunAsync(running);
        lost.GetProperty("state").GetString().ShouldBe("lost");
        lost.GetProperty("failure").GetProperty("kind").GetString().ShouldBe("lost");
        foreach (var line in new[] { "line 0", "line 1", "line 2" })
            (await again.LogAsync(running)).Split('\n').ShouldContain(line);

        await again.ReachesAsync(queued, "succeeded");
        (await again.LogAsync(queued)).ShouldContain("ran later");
        (await again.LogAsync(queued)).ShouldContain("$SECRET = s3cret");
        (await again.PostDetachedAsync($"open('{_folder.Path}/queued', 'a').write('x')\nprint('ran later')", ("X-Lock", "one"), ("Idempotency-Key", "k"), ("X-Var-Secret", "s3cret"))).ShouldBe(queued);
        (await File.ReadAllTextAsync(_folder.File("queued"), TestContext.Current.CancellationToken)).ShouldBe("x");

        var cancelled = await again.RunAsync(waiting);
        cancelled.GetProperty("state").GetString().ShouldBe("cancelled");
        cancelled.GetProperty("failure").GetProperty("detail").GetString()!.ShouldContain("the host ended before it started");
        File.Exists(_folder.File("waiting")).ShouldBeFalse();

        (await again.LogAsync(done)).ShouldContain("before");
        (await again.RunAsync(done)).GetProperty("state").GetString().ShouldBe("succeeded");
        Directory.GetFiles(Path.Join(_state.File("state"), "bundles")).ShouldBeEmpty();
    }

    [Fact]
    public async Task At_a_stop_running_runs_end_what_was_acknowledged_waits_for_the_next_start_and_who_waits_is_told()
    {
        string running, queued;

        await using (var gateway = await StartAsync())
        {
            using var api = new RunsApi(gateway);
            running = await api.PostDetachedAsync("import time\nprint('began', flush=True)\ntime.sleep(1.5)\nprint('done')", ("X-Lock", "one"));
            await api.SaysAsync(running, "began");
            queued = await api.PostDetachedAsync("print('ran later')", ("X-Lock", "one"));
            var waiting = api.PostAsync("print('never')", ("X-Lock", "one"));
            await api.ReachesAsync(queued, "waiting");
            await RunsApi.HoldsAsync(async () => (await api.GetAsync("/runs?state=waiting")).GetProperty("runs").GetArrayLength() == 2, "two runs that wait");

            var stop = gateway.StopAsync();
            using var told = await waiting;
            told.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            told.Headers.RetryAfter.ShouldNotBeNull();
            (await stop).ShouldBe(0);
        }

        await using var next = await StartAsync();
        using var again = new RunsApi(next);
        (await again.RunAsync(running)).GetProperty("state").GetString().ShouldBe("succeeded");
        (await again.LogAsync(running)).ShouldContain("\ndone\n");
        await again.ReachesAsync(queued, "succeeded");
        (await again.GetAsync("/runs?state=cancelled")).GetProperty("runs").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task What_is_acknowledged_outlives_its_host_though_somebody_waited_for_it_before()
    {
        string id;

        await using (var gateway = await StartAsync())
        {
            using var api = new RunsApi(gateway);
            var holder = await api.PostDetachedAsync(Sleeps("holder"), ("X-Lock", "one"));
            await api.SaysAsync(holder, "line 2");
            var key = ("Idempotency-Key", "k");
            var caller = api.PostAsync("print('ran later')", ("X-Lock", "one"), key);
            await RunsApi.HoldsAsync(async () => (await api.GetAsync("/runs?state=waiting")).GetProperty("runs").GetArrayLength() == 1, "a run that waits");

            id = await api.PostDetachedAsync("print('ran later')", ("X-Lock", "one"), key);
            (await api.RunAsync(id)).GetProperty("detached").GetBoolean().ShouldBeTrue();
            await gateway.KillAsync();
            await Should.ThrowAsync<HttpRequestException>(caller);
        }

        await using var next = await StartAsync();
        using var again = new RunsApi(next);
        await again.ReachesAsync(id, "succeeded");
        (await again.LogAsync(id)).ShouldContain("ran later");
        await RunsApi.HoldsAsync(() => Task.FromResult(Directory.GetFiles(Path.Join(_state.File("state"), "bundles")).Length == 0), "no archive left");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_key_of_a_run_that_its_host_did_not_start_may_be_used_again(bool isKilled)
    {
        var key = ("Idempotency-Key", "k");

        await using (var gateway = await StartAsync(("Servo__Runs__DrainTimeout", "0.1")))
        {
            using var api = new RunsApi(gateway);
            var holder = await api.PostDetachedAsync(Sleeps("holder"), ("X-Lock", "one"));
            await api.SaysAsync(holder, "line 2");
            var caller = api.PostAsync("print('ran')", ("X-Lock", "one"), key);
            await RunsApi.HoldsAsync(async () => (await api.GetAsync("/runs?state=waiting")).GetProperty("runs").GetArrayLength() == 1, "a run that waits");

            if (isKilled)
            {
                await gateway.KillAsync();
                await Should.ThrowAsync<HttpRequestException>(caller);
            }
            else
            {
                await gateway.StopAsync();
                (await caller).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            }
        }

        await using var next = await StartAsync();
        using var again = new RunsApi(next);
        using var response = await again.PostAsync("print('ran')", ("X-Lock", "one"), key);
        (await RunsApi.JsonOf(response)).GetProperty("ok").GetBoolean().ShouldBeTrue();
        (await again.GetAsync("/runs?state=cancelled")).GetProperty("runs").GetArrayLength().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_who_follows_a_run_that_has_not_started()
    {
        await using var gateway = await StartAsync(("Servo__Runs__DrainTimeout", "0.1"), ("Servo__Runs__MaxConcurrent", "1"));
        using var api = new RunsApi(gateway);
        var holder = await api.PostDetachedAsync(Sleeps("holder"));
        await api.SaysAsync(holder, "line 2");
        var queued = await api.PostDetachedAsync("print('later')");
        using var follower = await api.SendAsync(HttpMethod.Get, $"/runs/{queued}/events", ("Accept", "text/event-stream"));
        ((int)follower.StatusCode).ShouldBe(200);
        using var reader = new StreamReader(await follower.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        (await reader.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldNotBeNull();

        var start = Stopwatch.GetTimestamp();
        (await gateway.StopAsync()).ShouldBe(0);

        // The script's two seconds, the follower's two, and what a busy machine takes; without that it is the server's whole limit.
        Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(8));
    }

    [Theory]
    [InlineData("text/event-stream")]
    [InlineData("application/x-ndjson")]
    public async Task A_stream_of_a_run_that_never_starts_ends_with_the_kind_of_the_refusal(string accept)
    {
        var key = ("Idempotency-Key", "k");
        string id;

        await using (var gateway = await StartAsync(("Servo__Runs__DrainTimeout", "0.1")))
        {
            using var api = new RunsApi(gateway);
            var holder = await api.PostDetachedAsync(Sleeps("holder"), ("X-Lock", "one"));
            await api.SaysAsync(holder, "line 2");
            using var caller = await api.PostAsync("print('ran')", ("X-Lock", "one"), ("Accept", accept), key);
            await RunsApi.HoldsAsync(async () => (await api.GetAsync("/runs?state=waiting")).GetProperty("runs").GetArrayLength() == 1, "a run that waits");

            var stop = gateway.StopAsync();
            var last = (await caller.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Split('\n').Last(line => line.Contains("\"ok\":", StringComparison.Ordinal));
            var result = JsonDocument.Parse(last[last.IndexOf('{', StringComparison.Ordinal)..]).RootElement;
            id = result.GetProperty("id").GetString()!;
            result.GetProperty("failure").GetProperty("kind").GetString().ShouldBe("shutting-down");
            result.GetProperty("failure").GetProperty("detail").GetString().ShouldBe("the run never started: the gateway is shutting down; post it again");
            (await stop).ShouldBe(0);
        }

        await using var next = await StartAsync();
        using var again = new RunsApi(next);
        var run = await again.RunAsync(id);
        run.GetProperty("state").GetString().ShouldBe("cancelled");
        run.GetProperty("started").ValueKind.ShouldBe(JsonValueKind.Null);
        run.GetProperty("failure").GetProperty("kind").GetString().ShouldBe("shutting-down");
        using var response = await again.PostAsync("print('ran')", ("X-Lock", "one"), key);
        (await RunsApi.JsonOf(response)).GetProperty("ok").GetBoolean().ShouldBeTrue();
    }

    [Theory]
    [InlineData("application/json", true)]
    [InlineData("text/plain", true)]
    [InlineData("application/json", false)]
    public async Task Who_has_attached_to_a_run_that_waits_for_the_next_host_is_told_so_at_once(string accept, bool wasDetached)
    {
        var key = ("Idempotency-Key", "k");
        string id;

        await using (var gateway = await StartAsync(("Servo__Runs__DrainTimeout", "600")))
        {
            using var api = new RunsApi(gateway);
            var holder = await api.PostDetachedAsync(Sleeps("holder"), ("X-Lock", "one"));
            await api.SaysAsync(holder, "line 2");
            Task<HttpResponseMessage> caller;

            // The one that waits has come after the one that does not, or before it.
            if (wasDetached)
            {
                id = await api.PostDetachedAsync("print('ran later')", ("X-Lock", "one"), key);
                caller = api.PostAsync("print('ran later')", ("X-Lock", "one"), ("Accept", accept), key);
                (await api.PostDetachedAsync("print('ran later')", ("X-Lock", "one"), key)).ShouldBe(id);
            }
            else
            {
                caller = api.PostAsync("print('ran later')", ("X-Lock", "one"), ("Accept", accept), key);
                await RunsApi.HoldsAsync(async () => (await api.GetAsync("/runs?state=waiting")).GetProperty("runs").GetArrayLength() == 1, "a run that waits");
                id = await api.PostDetachedAsync("print('ran later')", ("X-Lock", "one"), key);
            }

            var stop = gateway.StopAsync();
            using var told = await caller.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
            told.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            told.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(30));
            (await told.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("The gateway is shutting down.");
            stop.IsCompleted.ShouldBeFalse();
            await api.CancelAsync(holder);
            (await stop).ShouldBe(0);
        }

        await using var next = await StartAsync();
        using var again = new RunsApi(next);
        using var attached = await again.PostAsync("print('ran later')", ("X-Lock", "one"), key);
        (await RunsApi.JsonOf(attached)).GetProperty("ok").GetBoolean().ShouldBeTrue();
        (await again.ReachesAsync(id, "succeeded")).GetProperty("detached").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task Running_runs_get_the_time_that_the_operator_gives_them()
    {
        string running;

        await using (var gateway = await StartAsync(("Servo__Runs__DrainTimeout", "0.2")))
        {
            using var api = new RunsApi(gateway);
            running = await api.PostDetachedAsync(Sleeps("drained"));
            await api.SaysAsync(running, "line 2");
            (await gateway.StopAsync()).ShouldBe(0);
        }

        Alive("drained-").ShouldBeFalse();
        await using var next = await StartAsync();
        using var again = new RunsApi(next);
        var run = await again.RunAsync(running);
        run.GetProperty("state").GetString().ShouldBe("cancelled");
        run.GetProperty("failure").GetProperty("detail").GetString()!.ShouldContain("the gateway is shutting down");
    }

    [Fact]
    public async Task A_second_host_is_refused_the_folder_of_the_first()
    {
        await using var first = await StartAsync();

        var fault = await Should.ThrowAsync<InvalidOperationException>(StartAsync());

        fault.Message.ShouldContain($"Servo cannot start: Another Servo host keeps its runs in '{_state.File("state")}'.");
    }

    private bool Alive(string prefix) =>
        Directory.GetFiles(_folder.Path, prefix + "*").Select(file => file[(file.LastIndexOf('-') + 1)..])
            .Any(IsAlive);

    private static bool IsAlive(string id)
    {
        try
        {
            return !File.ReadAllText($"/proc/{id}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false; // gone, perhaps while it was read
        }
    }

    private static async Task<string> IdOfAsync(Stream stream)
    {
        using var reader = new StreamReader(stream, leaveOpen: true);

        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("data: {\"id\":\"", StringComparison.Ordinal))
                return line.Split('"')[3];
        }

        return "";
    }
}
