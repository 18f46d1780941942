using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Servo.Client;

namespace Servo.Bench;

/// <summary>
/// Measures how late many followers of one live log are over HTTP: from the print of a line by a script to the moment at which a follower has it. The host is a
/// process of its own; the followers are in this one and read NDJSON without parsing it. Arguments: the published host (artifacts/host/Servo.WebHost.dll),
/// followers (200), seconds (6), MB/s of the log (0.05, which is 10 MB/s in total, and more).
/// </summary>
internal static class HttpFollowersBench
{
    private const string Token = "a-token-for-measurements-only-0123";

    /// <summary>A block of lines at a time, its first line with the time at which it is printed.</summary>
    private const string Printer = """
        import os, sys, time
        rate, seconds = float(os.environ['RATE']) * 1e6, float(os.environ['SECONDS'])
        size = max(200, min(65536, int(rate / 100)))
        line = 'x' * 99 + '\n'
        rest = line * (size // 100 - 1)
        while not os.path.exists(os.environ['GO']): time.sleep(0.01)
        begun, n = time.monotonic(), 0
        while n * size < rate * seconds:
            time.sleep(max(0, begun + n * size / rate - time.monotonic()))
            os.write(1, (('T%d' % time.time_ns()).ljust(99) + '\n' + rest).encode())
            n += 1
        """;

    public static async Task RunAsync(string[] arguments)
    {
        var assembly = arguments.Length > 0 ? arguments[0] : "artifacts/host/Servo.WebHost.dll";
        var followers = arguments.Length > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : 200;
        var seconds = arguments.Length > 2 ? int.Parse(arguments[2], CultureInfo.InvariantCulture) : 6;
        var rates = arguments.Length > 3 ? arguments[3..] : ["0.05", "0.2", "0.5", "1", "2"];
        var root = Directory.CreateTempSubdirectory("servo-bench-").FullName;

        using var host = new BenchHost(assembly, root, Token);

        try
        {
            await host.StartAsync();
            var bundle = Directory.CreateDirectory(Path.Join(root, "bundle")).FullName;
            await File.WriteAllTextAsync(Path.Join(bundle, "print.py"), Printer);

            foreach (var rate in rates)
                await MeasureAsync(host, bundle, Path.Join(root, $"go-{rate}"), followers, seconds, rate);
        }
        finally
        {
            host.Dispose();
            Directory.Delete(root, recursive: true);
        }
    }

    private static async Task MeasureAsync(BenchHost host, string bundle, string go, int followers, int seconds, string rate)
    {
        var client = new ServoClient(host.Url, new ServoCredential(Token));
        var options = new RunOptions
        {
            Variables = new Dictionary<string, string> { ["RATE"] = rate, ["SECONDS"] = seconds.ToString(CultureInfo.InvariantCulture), ["GO"] = go },
        };
        var run = await client.StartAsync(Bundle.FromDirectory(bundle), ["print.py"], options);
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = followers }) { BaseAddress = host.Url, Timeout = Timeout.InfiniteTimeSpan };
        var connected = new CountdownEvent(followers);
        var reading = Enumerable.Range(0, followers).Select(_ => Task.Run(() => ReadAsync(http, run.Id, connected))).ToArray();
        await Task.Run(connected.Wait);

        using var own = Process.GetCurrentProcess();
        var (hostBefore, ownBefore, begun) = (host.ProcessorTime, own.TotalProcessorTime, Stopwatch.GetTimestamp());
        await File.WriteAllTextAsync(go, "");
        var results = await Task.WhenAll(reading);
        var elapsed = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        own.Refresh();

        var lags = results.SelectMany(result => result.Lags).Order().ToArray();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{followers} followers of {rate} MB/s for {seconds} s, done after {elapsed:0.0} s, {results.Sum(result => result.Bytes) / 1e6 / elapsed:0} MB/s in all: "
            + $"lag p50 {lags[lags.Length / 2]:0.0} ms, p99 {lags[lags.Length * 99 / 100]:0.0} ms, longest {lags[^1]:0.0} ms of {lags.Length:N0} samples; "
            + $"cores: host {(host.ProcessorTime - hostBefore).TotalSeconds / elapsed:0.00}, followers {(own.TotalProcessorTime - ownBefore).TotalSeconds / elapsed:0.00}"));
    }

    private static async Task<(List<double> Lags, long Bytes)> ReadAsync(HttpClient http, string id, CountdownEvent connected)
    {
        var target = $"/runs/{id}/events";
        var timestamp = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(Token), Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"GET\n{target}\n{timestamp}")));
        using var request = new HttpRequestMessage(HttpMethod.Get, target);
        request.Headers.Add("Accept", "application/x-ndjson");
        request.Headers.Add("X-Timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("X-Signature", $"sha256={Convert.ToHexStringLower(signature)}");
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        using var body = await response.Content.ReadAsStreamAsync();
        connected.Signal();

        var lags = new List<double>();
        var buffer = new byte[64 * 1024];
        var (kept, bytes) = (0, 0L);

        while (await body.ReadAsync(buffer.AsMemory(kept)) is var read and > 0)
        {
            bytes += read;
            var all = buffer.AsSpan(0, kept + read);
            var whole = all[..(all.LastIndexOf((byte)'\n') + 1)];
            Sample(whole, lags);
            all[whole.Length..].CopyTo(buffer);
            kept = all.Length - whole.Length;
        }

        return (lags, bytes);
    }

    private static void Sample(ReadOnlySpan<byte> lines, List<double> lags)
    {
        var now = (DateTime.UtcNow - DateTime.UnixEpoch).TotalMilliseconds;
        var stamp = "\"text\":\"T"u8;

        for (var at = lines.IndexOf(stamp); at >= 0; at = lines.IndexOf(stamp))
        {
            lines = lines[(at + stamp.Length)..];

            if (System.Buffers.Text.Utf8Parser.TryParse(lines, out long nanoseconds, out _))
                lags.Add(now - (nanoseconds / 1e6));
        }
    }
}
