using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>Signed requests to a gateway's runs, and uploads of one script.</summary>
internal sealed class RunsApi(Gateway gateway) : IDisposable
{
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(60);

    private readonly TempDirectory _folder = new();
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };

    public void Dispose()
    {
        _http.Dispose();
        _folder.Dispose();
    }

    /// <summary>Posts a script, <c>a.py</c>.</summary>
    public async Task<HttpResponseMessage> PostAsync(string script, params (string Name, string Value)[] headers) =>
        await PostAsync(await ArchiveAsync(script), headers);

    /// <summary>An archive of a script, <c>a.py</c>.</summary>
    public async Task<byte[]> ArchiveAsync(string script)
    {
        var name = Guid.NewGuid().ToString("N");
        _folder.Write($"{name}/a.py", script);
        await ChildProcess.RunAsync(_folder.Path, "tar", "cf", $"{name}.tar", "--mtime=2026-01-01", "-C", name, "a.py");
        return await File.ReadAllBytesAsync(_folder.File($"{name}.tar"));
    }

    /// <summary>Posts an archive whose script is <c>a.py</c>.</summary>
    public async Task<HttpResponseMessage> PostAsync(byte[] archive, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"{gateway.Url}/run/a.py") { Content = new ByteArrayContent(archive) };
        request.Headers.Add("X-Signature", Sign(archive));
        request.Headers.Add("Accept", "application/json");

        foreach (var (header, _) in headers)
            request.Headers.Remove(header);

        foreach (var (header, value) in headers)
            request.Headers.TryAddWithoutValidation(header, value);

        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>Posts a script without waiting for it, and returns the run's id.</summary>
    public async Task<string> PostDetachedAsync(string script, params (string Name, string Value)[] headers) =>
        await PostDetachedAsync(await ArchiveAsync(script), headers);

    /// <summary>Posts an archive without waiting for its run, and returns the run's id.</summary>
    public async Task<string> PostDetachedAsync(byte[] archive, params (string Name, string Value)[] headers)
    {
        using var response = await PostAsync(archive, [("Prefer", "respond-async"), .. headers]);
        ((int)response.StatusCode).ShouldBe(202, await response.Content.ReadAsStringAsync());
        var id = (await JsonOf(response)).GetProperty("id").GetString()!;
        response.Headers.Location!.ToString().ShouldBe($"/runs/{id}");
        return id;
    }

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string target, params (string Name, string Value)[] headers) =>
        SendAsync(method, target, DateTimeOffset.UtcNow.ToUnixTimeSeconds(), Gateway.Token, headers);

    /// <summary>The headers by which another program than this signs a request.</summary>
    public static (string Name, string Value)[] Signed(string method, string target)
    {
        var timestamp = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

        return [("X-Timestamp", timestamp.ToString(CultureInfo.InvariantCulture)), ("X-Signature", Sign(method, target, timestamp, Gateway.Token))];
    }

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string target, long timestamp, string token, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, gateway.Url + target);
        request.Headers.Add("X-Timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("X-Signature", Sign(method.Method, target, timestamp, token));

        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);

        return _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public async Task<JsonElement> GetAsync(string target)
    {
        using var response = await SendAsync(HttpMethod.Get, target);
        var body = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(200, body);
        return JsonDocument.Parse(body).RootElement;
    }

    public Task<JsonElement> RunAsync(string id) => GetAsync($"/runs/{id}");

    public async Task<string> LogAsync(string id)
    {
        using var response = await SendAsync(HttpMethod.Get, $"/runs/{id}/log");
        return await response.Content.ReadAsStringAsync();
    }

    public async Task<JsonElement> CancelAsync(string id)
    {
        using var response = await SendAsync(HttpMethod.Delete, $"/runs/{id}");
        return await JsonOf(response);
    }

    /// <summary>Waits until the run is in one of these states.</summary>
    public async Task<JsonElement> ReachesAsync(string id, params string[] states)
    {
        for (var start = Stopwatch.GetTimestamp(); ; await Task.Delay(50))
        {
            var run = await RunAsync(id);

            if (states.Contains(run.GetProperty("state").GetString()))
                return run;

            if (Stopwatch.GetElapsedTime(start) > _longest)
                throw new TimeoutException($"The run is not {string.Join(" or ", states)}: {run}");
        }
    }

    /// <summary>Waits for a line of a run's log.</summary>
    public Task SaysAsync(string id, string line) => HoldsAsync(async () => (await LogAsync(id)).Split('\n').Contains(line), $"'{line}' in the log of {id}");

    /// <summary>Asks until the condition holds.</summary>
    public static async Task HoldsAsync(Func<Task<bool>> condition, string what)
    {
        for (var start = Stopwatch.GetTimestamp(); !await condition(); await Task.Delay(50))
        {
            if (Stopwatch.GetElapsedTime(start) > _longest)
                throw new TimeoutException($"There is still not: {what}");
        }
    }

    public static async Task<JsonElement> JsonOf(HttpResponseMessage response) => JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;

    private static string Sign(string method, string target, long timestamp, string token)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{method}\n{target}\n{timestamp}");
        return "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(text)));
    }

    private static string Sign(byte[] archive) => "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Gateway.Token), archive));
}
