using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>Many who follow one log, and many runs that wait for one lock. How late followers are is measured by <c>bench/Servo.Bench</c>.</summary>
public sealed class ManyTests : IDisposable
{
    private const int Lines = 20_000;

    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Each_of_200_followers_of_a_live_log_sees_every_line_once_and_in_order()
    {
        await using var gateway = await Gateway.StartAsync();
        using var api = new RunsApi(gateway);
        var go = _folder.File("go");
        var id = await api.PostDetachedAsync(
            $"import os, time\nwhile not os.path.exists('{go}'): time.sleep(0.01)\nfor i in range({Lines}): print('line', i)\n");
        var responses = await Task.WhenAll(Enumerable.Range(0, 200)
            .Select(_ => api.SendAsync(HttpMethod.Get, $"/runs/{id}/events", ("Accept", "application/x-ndjson"))));
        await File.WriteAllTextAsync(go, "", TestContext.Current.CancellationToken);

        var followed = await Task.WhenAll(responses.Select(response => Task.Run(() => FollowAsync(response))));

        followed.Distinct().ShouldHaveSingleItem().Lines.ShouldBe(Lines);
        (await api.RunAsync(id)).GetProperty("state").GetString().ShouldBe("succeeded");
    }

    [Fact]
    public async Task A_thousand_runs_wait_for_a_lock_start_in_the_order_of_their_arrival_and_those_that_are_cancelled_never()
    {
        await using var gateway = await Gateway.StartAsync();
        using var api = new RunsApi(gateway);
        var (go, started) = (_folder.File("go"), _folder.File("started"));
        var holder = await api.PostDetachedAsync($"import os, time\nwhile not os.path.exists('{go}'): time.sleep(0.01)\n", ("X-Lock", "one"));
        await api.ReachesAsync(holder, "running");
        var archive = await api.ArchiveAsync($"import os\nopen('{started}', 'a').write(os.environ['N'] + '\\n')\n");
        var dropped = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(Enumerable.Range(0, 900), async (_, _) => dropped.Add(await api.PostDetachedAsync(archive, ("X-Lock", "one"), ("X-Var-N", "-1"))));
        var ids = new List<string>();

        for (var n = 0; n < 100; n++)
            ids.Add(await api.PostDetachedAsync(archive, ("X-Lock", "one"), ("X-Var-N", n.ToString(CultureInfo.InvariantCulture))));

        var last = await api.RunAsync(ids[^1]);
        last.GetProperty("state").GetString().ShouldBe("waiting");
        last.GetProperty("position").GetInt32().ShouldBe(1_000);
        last.GetProperty("waitsFor")[0].GetProperty("lock").GetString().ShouldBe("one");
        var cancelled = dropped.Concat(ids.Where((_, n) => n % 5 > 0));
        await Parallel.ForEachAsync(cancelled, async (id, _) => (await api.CancelAsync(id)).GetProperty("state").GetString().ShouldBe("cancelled"));
        (await api.RunAsync(ids[95])).GetProperty("position").GetInt32().ShouldBe(20);

        await File.WriteAllTextAsync(go, "", TestContext.Current.CancellationToken);
        await api.ReachesAsync(ids[95], "succeeded");

        (await File.ReadAllLinesAsync(started, TestContext.Current.CancellationToken)).Select(int.Parse).ShouldBe(Enumerable.Range(0, 20).Select(n => n * 5));
        await HasStatesAsync(api, ("cancelled", 980), ("succeeded", 21), ("waiting", 0));
    }

    private static async Task HasStatesAsync(RunsApi api, params (string State, int Count)[] expected)
    {
        foreach (var (state, count) in expected)
        {
            var seen = 0;
            JsonElement page = default;

            for (var after = ""; page.ValueKind == JsonValueKind.Undefined || after.Length > 0; after = page.GetProperty("next").GetString() is { } next ? $"&after={next}" : "")
            {
                page = await api.GetAsync($"/runs?state={state}&limit=500{after}");
                seen += page.GetProperty("runs").GetArrayLength();
            }

            seen.ShouldBe(count, state);
        }
    }

    /// <summary>Reads a stream to its end, each number of it once and in order, and counts what the script said.</summary>
    private static async Task<(int Lines, long Last)> FollowAsync(HttpResponseMessage response)
    {
        using var owned = response;
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var (lines, last) = (0, 0L);

        while (await reader.ReadLineAsync() is { } text)
        {
            var at = text.IndexOf("\"seq\":", StringComparison.Ordinal);

            if (at < 0 || text.StartsWith("{\"event\":\"run\"", StringComparison.Ordinal))
                continue;

            var number = long.Parse(text.AsSpan(at + 6, text.IndexOf(',', at) - at - 6), CultureInfo.InvariantCulture);
            number.ShouldBe(last + 1);
            last = number;

            if (text.EndsWith($"\"text\":\"line {lines}\"}}", StringComparison.Ordinal))
                lines++;
        }

        return (lines, last);
    }
}
