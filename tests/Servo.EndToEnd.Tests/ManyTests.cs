using System.Buffers.Text;
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
        await using var stream = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[128 * 1024];
        var (kept, lines, last) = (0, 0, 0L);

        while (await stream.ReadAsync(buffer.AsMemory(kept)) is var read and > 0)
        {
            var rest = buffer.AsSpan(0, kept + read);

            for (var end = rest.IndexOf((byte)'\n'); end >= 0; end = rest.IndexOf((byte)'\n'))
            {
                Take(rest[..end], ref lines, ref last);
                rest = rest[(end + 1)..];
            }

            rest.CopyTo(buffer);
            kept = rest.Length;
        }

        return (lines, last);
    }

    private static void Take(ReadOnlySpan<byte> record, ref int lines, ref long last)
    {
        var at = record.IndexOf("\"seq\":"u8);

        // What comes before the start has the number 0, a heartbeat none.
        if (at < 0 || !Utf8Parser.TryParse(record[(at + 6)..], out long number, out _) || number == 0)
            return;

        number.ShouldBe(last + 1);
        last = number;
        var said = record.IndexOf("\"text\":\"line "u8);

        if (said < 0)
            return;

        Utf8Parser.TryParse(record[(said + 13)..], out int line, out _).ShouldBeTrue();
        line.ShouldBe(lines++);
    }
}
