using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Servo.Cli.Tests;

/// <summary>A real web server on loopback that reads each request whole and answers as told.</summary>
internal sealed class WebServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WebServer(WebApplication app) => _app = app;

    /// <summary>Such as https://127.0.0.1:41234.</summary>
    public string Url => _app.Urls.Single();

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

        var requests = -1;
        var server = new WebServer(builder.Build());
        server._app.Run(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            await answer(Interlocked.Increment(ref requests), context);
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
            {"event":"result","ok":true,"id":"r1","scripts":[]}

            """);
    }

    /// <summary>Answers as a gateway that has no place for a run.</summary>
    public static Task BusyAsync(HttpContext context)
    {
        context.Response.StatusCode = 429;
        context.Response.ContentType = "application/problem+json";
        context.Response.Headers.RetryAfter = "1";
        return context.Response.WriteAsync("""{"status":429,"kind":"busy","detail":"All places for runs are taken."}""");
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
