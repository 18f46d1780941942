using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Servo.Testing;

/// <summary>
/// A server that answers as a gateway that keeps runs: each stream sends the next of the scripted texts and ends, even in mid-run, and every
/// request about runs must be signed.
/// </summary>
public sealed class DurableGateway : IAsyncDisposable
{
    public const string Token = "a token";
    public const string Accepted = """{"event":"run","seq":0,"id":"r1"}""" + "\n" + """{"event":"ping"}""" + "\n";

    public const string Started = """{"event":"started","seq":1,"at":"2026-11-26T08:00:00.000Z"}""" + "\n";

    private readonly ConcurrentQueue<string> _streams;
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebServer _server = null!;

    private DurableGateway(string[] streams) => _streams = new(streams);

    public Uri Url => _server.Url;

    public string[] Targets => [.. _server.Seen.Select(request => request.Target)];

    public ConcurrentQueue<(string Method, string Target, Dictionary<string, string> Headers)> Requests { get; } = [];

    /// <summary>What is answered instead of a stream about runs; nothing by default.</summary>
    public Func<HttpContext, Task<bool>> Answer { get; set; } = static _ => Task.FromResult(false);

    public static async Task<DurableGateway> StartAsync(params string[] streams)
    {
        var gateway = new DurableGateway(streams);
        gateway._server = await WebServer.StartAsync((_, context) => gateway.AnswerAsync(context));
        return gateway;
    }

    public static string Line(long seq, long n, string text, bool more = false) =>
        $$"""{"event":"line","seq":{{seq}},"at":"2026-11-26T08:00:00.123Z","n":{{n}},"script":"a.py","stream":"stdout","text":"{{text}}"{{(more ? ",\"more\":true" : "")}}}""" + "\n";

    public static string Result(long seq) => $$"""{"event":"result","seq":{{seq}},"ok":true,"id":"r1","scripts":[]}""" + "\n";

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        Requests.Enqueue((context.Request.Method, target, context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString())));

        if (context.Request.Method != "POST" && !IsSigned(context.Request, target))
        {
            await RefuseAsync(context, 403, "unsigned-request");
            return;
        }

        if (await Answer(context))
            return;

        if (context.Request.Method == "DELETE")
        {
            _cancelled.TrySetResult();
            await WebServer.AnswerAsync(context, 200, "application/json", """{"id":"r1","state":"cancelled","accepted":"2026-11-26T08:00:00.000Z","started":null,"ended":"2026-11-26T08:00:01.000Z","scripts":[]}""");
            return;
        }

        if (!_streams.TryDequeue(out var text))
        {
            await RefuseAsync(context, 404, "unknown-run");
            return;
        }

        context.Response.ContentType = "application/x-ndjson";

        foreach (var part in text.Split('^'))
        {
            // Until the run is cancelled.
            if (part == "hang")
            {
                await _cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30), context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
                continue;
            }

            await context.Response.WriteAsync(part);
            await context.Response.Body.FlushAsync();
        }
    }

    public static Task RefuseAsync(HttpContext context, int status, string kind) =>
        WebServer.AnswerAsync(context, status, "application/problem+json", $$"""{"status":{{status}},"kind":"{{kind}}","detail":"Because {{kind}}."}""");

    private static bool IsSigned(HttpRequest request, string target)
    {
        var timestamp = request.Headers["X-Timestamp"].ToString();
        var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(Token), Encoding.UTF8.GetBytes($"{request.Method}\n{target}\n{timestamp}"));

        return Math.Abs(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - long.Parse(timestamp, System.Globalization.CultureInfo.InvariantCulture)) < 60
            && request.Headers["X-Signature"] == $"sha256={Convert.ToHexStringLower(expected)}";
    }
}
