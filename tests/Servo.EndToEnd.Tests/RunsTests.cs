using System.Net;
using System.Text.Json;
using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>Runs that outlast the request: what was accepted, is executed and has ended.</summary>
public sealed class RunsTests(RunsTests.Host host) : IClassFixture<RunsTests.Host>, IDisposable
{
    private const string Waits = "import os, time\nprint('began', flush=True)\nwhile not os.path.exists('go'): time.sleep(0.02)\nprint('went on', flush=True)\n";
    private const string Sleeps = "import time\nprint('began', flush=True)\ntime.sleep(60)\n";

    private readonly RunsApi _api = new(host.Gateway);

    public void Dispose() => _api.Dispose();

    [Fact]
    public async Task A_caller_that_does_not_wait_finds_its_run_by_the_address_it_got()
    {
        using var response = await _api.PostAsync("print('hello')", ("Prefer", "wait=5, respond-async"), ("X-Var-Zone", "eu"));

        response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        response.Headers.GetValues("Preference-Applied").ShouldBe(["respond-async"]);
        response.Headers.RetryAfter!.Delta.ShouldNotBeNull();
        var id = (await RunsApi.JsonOf(response)).GetProperty("id").GetString()!;
        var run = await _api.ReachesAsync(id, "succeeded");
        run.GetProperty("scripts")[0].GetProperty("exitCode").GetInt32().ShouldBe(0);
        run.GetProperty("detached").GetBoolean().ShouldBeTrue();
        run.GetProperty("archive").GetProperty("sha256").GetString()!.Length.ShouldBe(64);
        run.GetProperty("variables").EnumerateArray().Select(name => name.GetString()).ShouldBe(["ZONE"]);
        run.GetRawText().ShouldNotContain("eu");
        foreach (var time in new[] { "accepted", "started", "ended" })
            run.GetProperty(time).GetDateTimeOffset().ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(2));
        (await _api.LogAsync(id)).ShouldContain("\nhello\n");
    }

    [Theory]
    [InlineData("application/json", "\"ok\":true")]
    [InlineData("text/plain", "")]
    [InlineData("application/x-ndjson", "\"event\":\"result\"")]
    public async Task The_outcome_is_answered_although_the_log_is_gone(string accept, string expected)
    {
        using var folder = new TempDirectory();
        await using var gateway = await Gateway.StartAsync(("Servo__State__Root", folder.File("state")));
        using var api = new RunsApi(gateway);

        using var response = await api.PostAsync(
            $"import glob, os\nfor path in glob.glob('{folder.File("state/logs/*")}'): os.unlink(path)\n", ("Accept", accept));

        ((int)response.StatusCode).ShouldBe(200);
        (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain(expected);
    }

    [Fact]
    public async Task A_caller_that_hangs_up_loses_nothing()
    {
        string id;

        using (var response = await _api.PostAsync(Waits, ("Accept", "application/x-ndjson")))
        {
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
            id = JsonDocument.Parse((await reader.ReadLineAsync(TestContext.Current.CancellationToken))!).RootElement.GetProperty("id").GetString()!;
            await _api.SaysAsync(id, "began");
        }

        await GoAsync(id);
        (await _api.ReachesAsync(id, "succeeded")).GetProperty("detached").GetBoolean().ShouldBeFalse();
        (await _api.LogAsync(id)).ShouldContain("\nwent on\n");
    }

    [Theory]
    [InlineData("application/x-ndjson", "after")]
    [InlineData("text/event-stream", "Last-Event-ID")]
    public async Task Events_go_on_where_a_reader_left_off(string accept, string by)
    {
        var id = await _api.PostDetachedAsync("for i in range(100): print('line %d' % i)");
        await _api.ReachesAsync(id, "succeeded");
        var all = await EventsAsync(id, accept, after: null, by);

        foreach (var after in new[] { 1, 50, 102, 104 })
        {
            var rest = await EventsAsync(id, accept, after, by);
            rest.ShouldBe([new Event("run", after), .. all.Where(e => e.Seq > after)]);
        }

        // The end is the last, and behind it nothing will come.
        all[^1].ShouldBe(new Event("result", 105));
        foreach (var after in new[] { 105, 1000 })
        {
            using var nothing = await EventsResponseAsync(id, accept, after, by);
            nothing.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        }

        all.Where(e => e.Seq > 0).Select(e => e.Seq).ShouldBe(Enumerable.Range(1, all.Max(e => e.Seq)));
        all[^1].Name.ShouldBe("result");
        all.ShouldContain(e => e.Name == "started" && e.Seq == 1);
    }

    [Fact]
    public async Task Events_come_in_pages_too()
    {
        var id = await _api.PostDetachedAsync("for i in range(30): print('line %d' % i)");
        await _api.ReachesAsync(id, "succeeded");
        var seen = new List<long>();
        var last = default(JsonElement);

        for (long? after = 0; after is not null;)
        {
            var page = await _api.GetAsync($"/runs/{id}/events?after={after}&limit=7");
            var events = page.GetProperty("events").EnumerateArray().ToList();
            events.Count.ShouldBeInRange(1, 7);
            seen.AddRange(events.Select(e => e.GetProperty("seq").GetInt64()));
            last = events[^1];
            after = page.GetProperty("next") is { ValueKind: JsonValueKind.Number } next ? next.GetInt64() : null;
        }

        seen.ShouldBe(Enumerable.Range(1, 35).Select(n => (long)n));
        last.GetProperty("event").GetString().ShouldBe("result");
        last.GetProperty("ok").GetBoolean().ShouldBeTrue();

        foreach (var after in new[] { 35, 36, 1000 })
            (await _api.GetAsync($"/runs/{id}/events?after={after}")).GetRawText().ShouldBe("""{"events":[],"next":null}""");
    }

    [Fact]
    public async Task A_page_of_a_run_that_has_not_ended_says_how_it_stands_and_where_to_go_on()
    {
        var holder = await _api.PostDetachedAsync(Waits, ("X-Lock", "page"));
        await _api.SaysAsync(holder, "began");
        var waiting = await _api.PostDetachedAsync("print('x')", ("X-Lock", "page"));

        (await _api.GetAsync($"/runs/{waiting}/events")).GetRawText().ShouldBe(
            $$$"""{"events":[{"event":"waiting","seq":0,"waitsFor":[{"lock":"page","run":"{{{holder}}}"}]}],"next":0}""");
        var page = await _api.GetAsync($"/runs/{holder}/events");
        page.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("event").GetString()).ShouldBe(["started", "line", "line"]);
        page.GetProperty("next").GetInt64().ShouldBe(3);
        (await _api.GetAsync($"/runs/{holder}/events?after=1000")).GetRawText().ShouldBe("""{"events":[],"next":1000}""");

        // Who asks for what lies ahead of a run that goes on waits for it, and is told its end in any case.
        var ahead = EventsAsync(holder, "application/x-ndjson", after: 1000, "after");
        await GoAsync(holder);
        (await ahead).ShouldBe([new Event("run", 1000), new Event("result", 7)]);
        await _api.ReachesAsync(waiting, "succeeded");
    }

    [Fact]
    public async Task Runs_with_a_lock_in_common_run_one_after_the_other_in_their_order()
    {
        var folder = host.Folder;
        string Script(string name) => $"import time\nwith open('{folder}/order', 'a') as f: f.write('{name}+ ')\ntime.sleep(0.2)\nwith open('{folder}/order', 'a') as f: f.write('{name}- ')\n";
        var first = await _api.PostDetachedAsync(Waits, ("X-Lock", "order"));
        await _api.SaysAsync(first, "began");

        var a = await _api.PostDetachedAsync(Script("a"), ("X-Lock", "order, other"));
        var b = await _api.PostDetachedAsync(Script("b"), ("X-Lock", "other;shared"));
        var c = await _api.PostDetachedAsync(Script("c"), ("X-Lock", "other;shared,order"));

        var waiting = await _api.RunAsync(a);
        waiting.GetProperty("state").GetString().ShouldBe("waiting");
        waiting.GetProperty("waitsFor")[0].GetProperty("lock").GetString().ShouldBe("order");
        waiting.GetProperty("waitsFor")[0].GetProperty("run").GetString().ShouldBe(first);
        (await _api.RunAsync(b)).GetProperty("waitsFor")[0].GetProperty("run").GetString().ShouldBe(a);
        await GoAsync(first);
        foreach (var id in new[] { a, b, c })
            await _api.ReachesAsync(id, "succeeded");

        var order = (await File.ReadAllTextAsync(Path.Join(folder, "order"), TestContext.Current.CancellationToken)).Split(' ', StringSplitOptions.RemoveEmptyEntries).ToList();
        order[..2].ShouldBe(["a+", "a-"]);
        order[2..].ShouldBe(["b+", "b-", "c+", "c-"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_key_stands_for_one_request()
    {
        var key = ("Idempotency-Key", Guid.NewGuid().ToString());
        var id = await _api.PostDetachedAsync("print('once')", key);
        var again = await _api.PostDetachedAsync("print('once')", key);
        using var attached = await _api.PostAsync("print('once')", key);
        using var other = await _api.PostAsync("print('twice')", key);

        again.ShouldBe(id);
        (await RunsApi.JsonOf(attached)).GetProperty("id").GetString().ShouldBe(id);
        other.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await RunsApi.JsonOf(other)).GetProperty("kind").GetString().ShouldBe("idempotency-key-reused");
    }

    [Fact]
    public async Task A_run_is_cancelled_while_it_runs_and_while_it_waits_and_again_without_effect()
    {
        var running = await _api.PostDetachedAsync(Sleeps, ("X-Lock", "cancel"));
        await _api.SaysAsync(running, "began");
        var waiting = await _api.PostDetachedAsync("print('never')", ("X-Lock", "cancel"));

        (await _api.CancelAsync(waiting)).GetProperty("state").GetString().ShouldBe("cancelled");
        var ended = await _api.CancelAsync(running);
        ended.GetProperty("state").GetString().ShouldBe("cancelled");
        ended.GetProperty("scripts")[0].GetProperty("exitCode").GetInt32().ShouldBe(143);
        (await _api.CancelAsync(running)).GetProperty("state").GetString().ShouldBe("cancelled");

        (await _api.LogAsync(waiting)).ShouldBe("");
        (await _api.LogAsync(running)).ShouldContain("failure (the run was ended: 127.0.0.1");
    }

    [Fact]
    public async Task Time_limits_of_the_caller_end_its_run()
    {
        using var response = await _api.PostAsync(Sleeps, ("X-Timeout", "0.5"));
        var answer = await RunsApi.JsonOf(response);
        answer.GetProperty("failure").GetProperty("kind").GetString().ShouldBe("timed-out");
        answer.GetProperty("failure").GetProperty("detail").GetString()!.ShouldContain("0.5 seconds (X-Timeout)");
        (await _api.RunAsync(answer.GetProperty("id").GetString()!)).GetProperty("state").GetString().ShouldBe("timed-out");

        var holder = await _api.PostDetachedAsync(Waits, ("X-Lock", "limits"));
        using var late = await _api.PostAsync("print('never')", ("X-Lock", "limits"), ("X-Queue-Timeout", "0.3"), ("Accept", "text/plain"));
        ((int)late.StatusCode).ShouldBe(412);
        (await late.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldBe("failure (the run did not start within 0.3 seconds (X-Queue-Timeout))");
        await GoAsync(holder);
        await _api.ReachesAsync(holder, "succeeded");
    }

    [Theory]
    [InlineData("X-Lock", "two words")]
    [InlineData("X-Lock", "a;b")]
    [InlineData("X-Timeout", "-1")]
    [InlineData("X-Timeout", "soon")]
    [InlineData("X-Queue-Timeout", "0")]
    [InlineData("X-Lock", "many")]
    public async Task What_cannot_be_read_is_refused(string header, params string[] values)
    {
        if (values is ["many"])
            values = [string.Join(',', Enumerable.Range(0, 65).Select(number => $"name-{number}"))];

        using var response = await _api.PostAsync("print('x')", [.. values.Select(value => (header, value))]);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await RunsApi.JsonOf(response)).GetProperty("detail").GetString()!.ShouldContain(header);
    }

    [Fact]
    public async Task Runs_are_listed_the_latest_first_and_in_pages()
    {
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
            ids.Add(await _api.PostDetachedAsync("raise SystemExit(3)", ("X-Lock", "list")));
        foreach (var id in ids)
            await _api.ReachesAsync(id, "failed");

        var listed = new List<string>();
        var after = "";

        for (var page = 0; page < 3; page++)
        {
            var json = await _api.GetAsync($"/runs?state=failed&script=a.py&limit=2{after}");
            listed.AddRange(json.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("id").GetString()!));
            after = json.GetProperty("next").GetString() is { } next ? $"&after={next}" : "";
        }

        listed.Where(ids.Contains).ShouldBe(ids.AsEnumerable().Reverse());
        (await _api.GetAsync("/runs?since=2099-01-01T00:00:00Z")).GetProperty("runs").GetArrayLength().ShouldBe(0);
        (await _api.GetAsync("/runs?script=other.py")).GetProperty("runs").GetArrayLength().ShouldBe(0);

        foreach (var wrong in new[] { "state=odd", "limit=0", "limit=x", "since=x", "after=x" })
        {
            using var refused = await _api.SendAsync(HttpMethod.Get, $"/runs?{wrong}");
            refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest, wrong);
        }
    }

    [Theory]
    [InlineData("", "state=failed")]
    [InlineData("", "limit=1")]
    [InlineData("/ID", "")]
    [InlineData("/ID/log", "")]
    [InlineData("/ID/log", "from=3")]
    public async Task The_head_of_an_answer_is_that_of_the_answer(string path, string query)
    {
        var id = await _api.PostDetachedAsync("print('hello')");
        await _api.ReachesAsync(id, "succeeded");
        var target = $"/runs{path.Replace("ID", id, StringComparison.Ordinal)}{(query.Length > 0 ? $"?{query}" : "")}";

        using var get = await _api.SendAsync(HttpMethod.Get, target);
        using var head = await _api.SendAsync(HttpMethod.Head, target, ("Range", "bytes=0-1"));

        head.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await head.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).ShouldBeEmpty();
        head.Content.Headers.ContentType.ShouldBe(get.Content.Headers.ContentType);
        head.Headers.ETag.ShouldBe(get.Headers.ETag);
        head.Headers.AcceptRanges.ShouldBe(get.Headers.AcceptRanges);
    }

    [Theory]
    [InlineData("HEAD", "/runs/01a21717a5b3735192ec8e6f51fe7465", 404)]
    [InlineData("HEAD", "/runs?sate=failed", 400)]
    [InlineData("POST", "/runs", 405)]
    public async Task What_is_refused_is_refused_without_a_body_too(string method, string target, int status)
    {
        using var response = await _api.SendAsync(new HttpMethod(method), target);

        ((int)response.StatusCode).ShouldBe(status);
        if (status == 405)
            response.Content.Headers.Allow.Order().ShouldBe(["GET", "HEAD"]);
    }

    [Theory]
    [InlineData("GET", "/runs?sate=failed", "There is no parameter 'sate' here. Did you mean state? This address takes state, script, since, limit, after.")]
    [InlineData("GET", "/runs?from=3", "There is no parameter 'from' here. This address takes state, script, since, limit, after.")]
    [InlineData("GET", "/runs?state=failed&state=lost", "The parameter state must be given once only.")]
    [InlineData("GET", "/runs?limit=1&Limit=2", "The parameter limit must be given once only.")]
    [InlineData("GET", "/runs/ID?state=failed", "There is no parameter 'state' here. This address takes none.")]
    [InlineData("DELETE", "/runs/ID?dry-run=1", "There is no parameter 'dry-run' here. This address takes none.")]
    [InlineData("GET", "/runs/ID/log?form=3", "There is no parameter 'form' here. Did you mean from? This address takes from.")]
    [InlineData("GET", "/runs/ID/events?after=3&after=4", "The parameter after must be given once only.")]
    [InlineData("GET", "/runs/ID/events?afer=3", "There is no parameter 'afer' here. Did you mean after? This address takes after, limit.")]
    public async Task A_parameter_that_is_not_known_or_comes_twice_is_named(string method, string target, string expected)
    {
        var id = await _api.PostDetachedAsync(Sleeps);

        using var refused = await _api.SendAsync(new HttpMethod(method), target.Replace("ID", id, StringComparison.Ordinal));

        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await RunsApi.JsonOf(refused)).GetProperty("detail").GetString().ShouldBe(expected, StringCompareShould.IgnoreCase);
        (await _api.CancelAsync(id)).GetProperty("state").GetString().ShouldBe("cancelled");
    }

    [Fact]
    public async Task Nothing_is_readable_without_the_token()
    {
        var id = await _api.PostDetachedAsync("print('x')");
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

        foreach (var target in new[] { "/runs", $"/runs/{id}", $"/runs/{id}/events", $"/runs/{id}/log" })
        {
            using var plain = await new HttpClient().GetAsync(host.Gateway.Url + target, TestContext.Current.CancellationToken);
            plain.StatusCode.ShouldBe(HttpStatusCode.Forbidden, target);
            using var wrong = await _api.SendAsync(HttpMethod.Get, target, now, "another token");
            wrong.StatusCode.ShouldBe(HttpStatusCode.Forbidden, target);
            using var old = await _api.SendAsync(HttpMethod.Get, target, now - 301, Gateway.Token);
            old.StatusCode.ShouldBe(HttpStatusCode.Forbidden, target);
            using var early = await _api.SendAsync(HttpMethod.Get, target, now + 310, Gateway.Token);
            early.StatusCode.ShouldBe(HttpStatusCode.Forbidden, target);
            using var right = await _api.SendAsync(HttpMethod.Get, target);
            right.StatusCode.ShouldBe(HttpStatusCode.OK, target);
        }

        foreach (var target in new[] { "/runs/01a21717a5b3735192ec8e6f51fe7465", "/runs/nonsense", "/runs/nonsense/log" })
        {
            using var unknown = await _api.SendAsync(HttpMethod.Get, target);
            unknown.StatusCode.ShouldBe(HttpStatusCode.NotFound, target);
        }
    }

    [Fact]
    public async Task Two_lines_of_shell_sign_a_request()
    {
        var printed = await ChildProcess.RunAsync("/", "sh", "-c", $$"""
            target='/runs?state=failed' now=$(date +%s)
            signature=$(printf 'GET\n%s\n%s' "$target" "$now" | openssl dgst -sha256 -hmac "{{Gateway.Token}}" -r | cut -d' ' -f1)
            curl -s -w '%{http_code}' -H "X-Timestamp: $now" -H "X-Signature: sha256=$signature" "{{host.Gateway.Url}}$target"
            """);

        printed.ShouldStartWith("{\"runs\":[");
        printed.ShouldEndWith("200");
    }

    private async Task GoAsync(string id)
    {
        var callback = (await _api.LogAsync(id)).Split('\n').Single(line => line.StartsWith("$CALLBACK = ", StringComparison.Ordinal))["$CALLBACK = ".Length..];
        using var http = new HttpClient();
        (await http.PostAsync($"{callback}/go", new StringContent(""))).EnsureSuccessStatusCode();
    }

    private async Task<List<Event>> EventsAsync(string id, string accept, int? after, string by)
    {
        using var response = await EventsResponseAsync(id, accept, after, by);
        response.Content.Headers.ContentType!.MediaType.ShouldBe(accept);
        var text = await response.Content.ReadAsStringAsync();

        if (accept == "application/x-ndjson")
            return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)
                .Where(json => json.TryGetProperty("seq", out _))
                .Select(json => new Event(json.GetProperty("event").GetString()!, json.GetProperty("seq").GetInt32()))];

        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(block => block.StartsWith("event: ", StringComparison.Ordinal))
            .Select(block => block.Split('\n')).Select(lines => new Event(lines[0]["event: ".Length..], int.Parse(lines[1]["id: ".Length..], System.Globalization.CultureInfo.InvariantCulture)))];
    }

    private Task<HttpResponseMessage> EventsResponseAsync(string id, string accept, int? after, string by)
    {
        var target = after is null || by != "after" ? $"/runs/{id}/events" : $"/runs/{id}/events?after={after}";
        (string, string)[] headers = after is null || by == "after" ? [("Accept", accept)] : [("Accept", accept), (by, $"{after}")];
        return _api.SendAsync(HttpMethod.Get, target, headers);
    }

    private sealed record Event(string Name, int Seq);

    /// <summary>One host for all.</summary>
    public sealed class Host : IAsyncLifetime
    {
        private readonly TempDirectory _folder = new();

        public Gateway Gateway { get; private set; } = null!;

        public string Folder => _folder.Path;

        public async ValueTask InitializeAsync() => Gateway = await Gateway.StartAsync();

        public async ValueTask DisposeAsync()
        {
            await Gateway.DisposeAsync();
            _folder.Dispose();
        }
    }
}
