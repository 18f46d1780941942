using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>Both streamed answers, read as they come.</summary>
public sealed class StreamTests(RunsTests.Host host) : IClassFixture<RunsTests.Host>, IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly HttpClient _http = new();
    private readonly Gateway _gateway = host.Gateway;

    public void Dispose()
    {
        _http.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("text/event-stream")]
    [InlineData("application/x-ndjson")]
    public async Task The_first_line_is_there_while_the_script_still_runs_and_the_last_event_is_the_result(string accept)
    {
        _folder.Write("slow.py", "import os, time\nprint('first')\nwhile not os.path.exists('go'): time.sleep(0.01)\nprint('second')\n");
        using var response = await PostAsync("slow.py", accept);
        response.EnsureSuccessStatusCode();
        response.Content.Headers.ContentType!.MediaType.ShouldBe(accept);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var events = Events(reader, accept);

        var callback = "";
        await using var next = events.GetAsyncEnumerator();
        JsonElement data;

        do
        {
            (await next.MoveNextAsync()).ShouldBeTrue();
            data = next.Current.Data;
            if (next.Current.Name == "line" && data.GetProperty("text").GetString()!.StartsWith("$CALLBACK = ", StringComparison.Ordinal))
                callback = data.GetProperty("text").GetString()!["$CALLBACK = ".Length..];
        }
        while (next.Current.Name != "line" || data.GetProperty("text").GetString() != "first");

        data.GetProperty("script").GetString().ShouldBe("slow.py");
        data.GetProperty("stream").GetString().ShouldBe("stdout");
        data.GetProperty("n").GetInt32().ShouldBe(2);
        next.Current.Id.ShouldBe(accept == "text/event-stream" ? "3" : null);

        (await _http.PostAsync($"{callback}/go", new StringContent(""))).EnsureSuccessStatusCode();

        var names = new List<string>();
        while (await next.MoveNextAsync())
        {
            names.Add(next.Current.Name);
            data = next.Current.Data;
        }

        names.ShouldBe(["line", "line", "script", "result"]);
        data.GetProperty("ok").GetBoolean().ShouldBeTrue();
        data.TryGetProperty("log", out _).ShouldBeFalse();
        data.GetProperty("scripts").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task A_failure_travels_in_the_last_event()
    {
        _folder.Write("bad.py", "import sys; sys.exit(4)");
        using var response = await PostAsync("bad.py", "application/x-ndjson");

        var lines = (await response.Content.ReadAsStringAsync()).TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line).RootElement).ToList();

        ((int)response.StatusCode).ShouldBe(200);
        lines[0].GetProperty("event").GetString().ShouldBe("run");
        lines[^1].GetProperty("event").GetString().ShouldBe("result");
        lines[^1].GetProperty("failure").GetProperty("detail").GetString().ShouldBe("bad.py failed on exit code 4");
        lines[^2].GetProperty("text").GetString().ShouldBe("failure (bad.py failed on exit code 4)");
        lines[^2].GetProperty("stream").GetString().ShouldBe("servo");
    }

    [Fact]
    public async Task A_bad_signature_is_a_plain_403()
    {
        _folder.Write("a.py", "");
        using var response = await PostAsync("a.py", "text/event-stream", token: "wrong");

        ((int)response.StatusCode).ShouldBe(403);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
    }

    [Fact]
    public async Task A_long_line_comes_whole()
    {
        _folder.Write("long.py", "print('é' * 1000000)");
        using var response = await PostAsync("long.py", "text/event-stream");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());

        var texts = new List<string> { "" };
        await foreach (var e in Events(reader, "text/event-stream"))
        {
            if (e.Name != "line")
                continue;

            // A long line comes in parts of one number.
            texts[^1] += e.Data.GetProperty("text").GetString()!;
            if (!e.Data.TryGetProperty("more", out _))
                texts.Add("");
        }

        texts.ShouldContain(new string('é', 1_000_000));
    }

    [Fact]
    public async Task A_caller_that_hangs_up_does_not_stop_the_run()
    {
        var marker = _folder.File("proof/done");
        _folder.Write("hung-up.py", $"import time\nprint('started', flush=True)\ntime.sleep(1)\nopen('{marker}', 'w').close()\n");

        using (var response = await PostAsync("hung-up.py", "text/event-stream"))
        {
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
            await foreach (var e in Events(reader, "text/event-stream"))
            {
                if (e.Name == "line" && e.Data.GetProperty("text").GetString() == "started")
                    break;
            }
        }

        await Eventually.HoldsAsync(() => File.Exists(marker) && _gateway.Workspaces.Length == 0, _folder.Path, _gateway.RuntimeDirectory);
        await _gateway.LogsAsync("of hung-up.py succeeded");
    }

    private async Task<HttpResponseMessage> PostAsync(string scripts, string accept, string token = Gateway.Token)
    {
        using var outbox = new TempDirectory();
        var archive = outbox.File("upload.tgz");
        await ChildProcess.RunAsync(_folder.Path, "tar", "zcf", archive, ".");
        var bytes = await File.ReadAllBytesAsync(archive);

        var request = new HttpRequestMessage(HttpMethod.Post, $"{_gateway.Url}/run/{scripts}") { Content = new ByteArrayContent(bytes) };
        request.Headers.Add("X-Signature", "sha256=" + Convert.ToHexString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(token), bytes)));
        request.Headers.Add("Accept", accept);
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static async IAsyncEnumerable<(string Name, string? Id, JsonElement Data)> Events(StreamReader reader, string format)
    {
        string name = "", data = "";
        string? id = null;

        while (await reader.ReadLineAsync() is { } line)
        {
            if (format == "application/x-ndjson")
            {
                var json = JsonDocument.Parse(line).RootElement;
                yield return (json.GetProperty("event").GetString()!, null, json);
            }
            else if (line.StartsWith(':') || (line.Length == 0 && data.Length == 0))
            {
                // A comment: a heartbeat.
            }
            else if (line.Length == 0)
            {
                yield return (name, id, JsonDocument.Parse(data).RootElement);
                (name, data, id) = ("", "", null);
            }
            else
            {
                var (field, value) = (line[..line.IndexOf(':')], line[(line.IndexOf(':') + 2)..]);
                (name, id, data) = field switch { "event" => (value, id, data), "id" => (name, value, data), _ => (name, id, value) };
            }
        }
    }
}
