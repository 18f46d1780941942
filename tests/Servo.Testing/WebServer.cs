using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Servo.Testing;

/// <summary>A real web server on loopback that reads each request whole, counts it and answers as told.</summary>
public sealed class WebServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _requests;

    private WebServer(WebApplication app) => _app = app;

    /// <summary>Such as https://localhost:41234.</summary>
    public Uri Url => new(_app.Urls.First().Replace("127.0.0.1", "localhost", StringComparison.Ordinal));

    public int Requests => _requests;

    /// <summary>The requests, as they were sent.</summary>
    public List<(string Target, string Signature, byte[] Body)> Seen { get; } = [];

    /// <summary>Starts a server; <paramref name="answer"/> gets the number of the request, from 0.</summary>
    public static async Task<WebServer> StartAsync(Func<int, HttpContext, Task> answer, X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null)
                listen.UseHttps(certificate);
        }));

        var server = new WebServer(builder.Build());
        server._app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            int number;

            lock (server.Seen)
            {
                number = server._requests++;
                server.Seen.Add((context.Features.Get<IHttpRequestFeature>()!.RawTarget, context.Request.Headers["X-Signature"].ToString(), body.ToArray()));
            }

            await answer(number, context);
        });
        await server._app.StartAsync();
        return server;
    }

    /// <summary>Answers as a gateway whose run succeeded.</summary>
    public static Task SucceedAsync(HttpContext context)
    {
        context.Response.ContentType = "application/x-ndjson";
        return context.Response.WriteAsync("""
            {"event":"run","id":"r1"}
            {"event":"later","what":"nobody knows"}
            {"event":"result","ok":true,"id":"r1","scripts":[]}

            """);
    }

    /// <summary>Answers as a gateway that has no place for a run.</summary>
    public static Task BusyAsync(HttpContext context, string retryAfter)
    {
        context.Response.Headers.RetryAfter = retryAfter;
        return AnswerAsync(context, 429, "application/problem+json", """{"status":429,"kind":"busy","detail":"All 1 places for runs are taken."}""");
    }

    public static Task AnswerAsync(HttpContext context, int status, string type, string body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        return context.Response.WriteAsync(body);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
