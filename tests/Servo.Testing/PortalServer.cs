using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Servo.Testing;

/// <summary>
/// A real HTTP server on loopback that behaves as an Ochothon portal does at the wire: it checks signatures, takes a chunked body for an absent one,
/// answers 405 and 404 in HTML and all else with status 200. What a command answers is scripted through <see cref="Answer"/>.
/// </summary>
public sealed class PortalServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<PortalRequest> _requests = [];

    private PortalServer(WebApplication app, string token)
    {
        (_app, Token) = (app, token);
        _app.Run(HandleAsync);
    }

    /// <summary>Its address, such as <c>http://127.0.0.1:41231/</c>.</summary>
    public Uri Url => new(_app.Urls.First());

    /// <summary>The key of the signatures that it accepts; empty where it does not look at them.</summary>
    public string Token { get; set; }

    /// <summary>Every POST to /shell so far, in the order of their arrival, refused ones too.</summary>
    public IReadOnlyList<PortalRequest> Requests => [.. _requests];

    /// <summary>What a command that is let in is answered; by default success with an empty object.</summary>
    public Func<PortalRequest, PortalReply> Answer { get; set; } = _ => PortalReply.Succeeded("{}");

    /// <summary>Starts a portal; with an empty token it does not look at signatures.</summary>
    public static async Task<PortalServer> StartAsync(string token = "")
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;

            // One character for each byte, so that a line's bytes can be told whatever their encoding.
            kestrel.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
        });

        var server = new PortalServer(builder.Build(), token);
        await server._app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        if (context.Request.Path != "/shell")
        {
            await PortalReply.Html(404, "Not Found").WriteAsync(context);
        }
        else if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.Headers.Allow = "POST, OPTIONS";
            await PortalReply.Html(405, "Method Not Allowed").WriteAsync(context);
        }
        else
        {
            var request = await PortalRequest.ReadAsync(context);
            _requests.Enqueue(request);
            await (Refuse(request) ?? Answer(request)).WriteAsync(context);
        }
    }

    private PortalReply? Refuse(PortalRequest request)
    {
        if (!request.HasLine)
            return PortalReply.Failed("failure -> X-Shell header missing");

        if (Token.Length == 0)
            return null;

        if (string.IsNullOrEmpty(request.Signature))
            return PortalReply.Failed("failure -> signature missing (make sure you define $OCHOPOD_TOKEN)");

        return request.IsSignedWith(Token) ? null : PortalReply.Failed("failure -> SHA1 signature mismatch (check your token)");
    }
}
