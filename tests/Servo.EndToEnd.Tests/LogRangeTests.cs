using System.Net;
using System.Text;
using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>Parts of a log's text, and downloads that go on where they broke off (RFC 9110, section 14), as curl asks for them.</summary>
public sealed class LogRangeTests(RunsTests.Host host) : IClassFixture<RunsTests.Host>, IDisposable
{
    private readonly RunsApi _api = new(host.Gateway);
    private readonly TempDirectory _folder = new();

    public void Dispose()
    {
        _api.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("0-0")]
    [InlineData("5-")]
    [InlineData("300000-600000")]
    [InlineData("262143-262144")]
    [InlineData("999-99999999")]
    [InlineData("-1")]
    [InlineData("-700000")]
    [InlineData("-99999999")]
    public async Task A_part_is_what_the_whole_has_there(string range)
    {
        var (id, whole) = await EndedAsync();

        var (head, body) = await CurlAsync(id, "-r", range);

        var bounds = range.Split('-');
        var start = bounds[0].Length > 0 ? int.Parse(bounds[0]) : Math.Max(0, whole.Length - int.Parse(bounds[1]));
        var end = bounds[0].Length > 0 && bounds[1].Length > 0 ? Math.Min(whole.Length, int.Parse(bounds[1]) + 1) : whole.Length;
        head[0].ShouldContain(" 206 ");
        head.ShouldContain($"Content-Range: bytes {start}-{end - 1}/{whole.Length}");
        head.ShouldContain($"Content-Length: {end - start}");
        head.ShouldContain("Accept-Ranges: bytes");
        body.ShouldBe(whole[start..end]);
    }

    [Fact]
    public async Task A_download_that_broke_off_goes_on_and_one_that_is_whole_is_left()
    {
        var (id, whole) = await EndedAsync();
        await File.WriteAllBytesAsync(_folder.File("body"), whole[..123_457], TestContext.Current.CancellationToken);

        var (head, body) = await CurlAsync(id, "-C", "-");
        head[0].ShouldContain(" 206 ");
        body.ShouldBe(whole);

        (head, body) = await CurlAsync(id, "-C", "-");
        head[0].ShouldContain(" 416 ");
        head.ShouldContain($"Content-Range: bytes */{whole.Length}");
        body.ShouldBe(whole);
    }

    [Fact]
    public async Task A_part_that_does_not_exist_is_refused_and_what_asks_for_no_single_part_of_this_log_gets_the_whole()
    {
        var (id, whole) = await EndedAsync();
        using var refused = await GetAsync(id, ("Range", "bytes=99999999-"));
        refused.StatusCode.ShouldBe(HttpStatusCode.RequestedRangeNotSatisfiable);
        (await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("range-not-satisfiable");
        var tag = refused.Headers.ETag!.ToString();
        tag.ShouldStartWith($"\"{id}-");

        foreach (var headers in new (string, string)[][]
        {
            [("Range", "bytes=0-1,5-6")], [("Range", "lines=0-1")], [("Range", "bytes=5-1")],
            [("Range", "bytes=0-1"), ("If-Range", "\"another\"")], [("Range", "bytes=0-1"), ("If-Range", "W/" + tag)],
            [("Range", "bytes=0-1"), ("If-Range", "Thu, 26 Nov 2026 08:00:00 GMT")],
        })
        {
            using var all = await GetAsync(id, headers);
            all.StatusCode.ShouldBe(HttpStatusCode.OK);
            (await all.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).ShouldBe(whole);
        }

        using var part = await GetAsync(id, ("Range", "bytes=1-3"), ("If-Range", tag));
        part.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
        (await part.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).ShouldBe(whole[1..4]);
    }

    [Fact]
    public async Task The_log_of_a_run_that_goes_on_has_no_parts()
    {
        var id = await _api.PostDetachedAsync("import time\nprint('began', flush=True)\ntime.sleep(60)\n");
        await _api.SaysAsync(id, "began");

        using var response = await GetAsync(id, ("Range", "bytes=0-1"));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Headers.AcceptRanges.ShouldBeEmpty();
        response.Headers.ETag.ShouldBeNull();
        (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("\nbegan\n");
        await _api.CancelAsync(id);
    }

    private async Task<(string Id, byte[] Log)> EndedAsync()
    {
        var id = await _api.PostDetachedAsync("for i in range(9000): print(i, 'é' * 40)\nprint('x' * 100000)\n", ("Idempotency-Key", "one-log"));
        await _api.ReachesAsync(id, "succeeded");
        return (id, Encoding.UTF8.GetBytes(await _api.LogAsync(id)));
    }

    private Task<HttpResponseMessage> GetAsync(string id, params (string, string)[] headers) => _api.SendAsync(HttpMethod.Get, $"/runs/{id}/log", headers);

    /// <summary>The lines of the answer's head, and the file that it was written to.</summary>
    private async Task<(string[] Head, byte[] Body)> CurlAsync(string id, params string[] arguments)
    {
        var target = $"/runs/{id}/log";
        var signed = RunsApi.Signed("GET", target).SelectMany(header => new[] { "-H", $"{header.Name}: {header.Value}" });
        await ChildProcess.RunAsync(_folder.Path, "curl", ["-sS", "-D", "head", "-o", "body", .. signed, .. arguments, host.Gateway.Url + target]);

        return (await File.ReadAllLinesAsync(_folder.File("head"), TestContext.Current.CancellationToken),
            await File.ReadAllBytesAsync(_folder.File("body"), TestContext.Current.CancellationToken));
    }
}
