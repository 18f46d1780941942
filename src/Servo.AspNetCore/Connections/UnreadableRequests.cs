using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.WebUtilities;
using Servo.AspNetCore.Refusals;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace Servo.AspNetCore.Connections;

/// <summary>
/// Gives words to what Kestrel refuses by itself, as it never becomes a request of a pipeline: a head that it cannot read, that is too large or comes too
/// slowly. Kestrel announces that by its event <c>BadRequest</c>, and then writes a bare status; <see cref="AnswerableConnection"/> writes the refusal in its
/// place. (HTTP/2, which needs TLS, has no answer for such a request: Kestrel resets its stream.)
/// </summary>
internal sealed class UnreadableRequests(ILoggerFactory loggers) : IObserver<KeyValuePair<string, object?>>
{
    private const string Announcement = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    /// <summary>Lets the connections of every address of a server be answered.</summary>
    public static void Prepare(KestrelServerOptions kestrel) =>
        kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Use(next => connection => ServeAsync(connection, next)));

    /// <summary>Begins to listen for what a server announces.</summary>
    public static void Observe(IServiceProvider server) =>
        server.GetRequiredService<DiagnosticListener>()
            .Subscribe(new UnreadableRequests(server.GetRequiredService<ILoggerFactory>()), name => name == Announcement);

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Value is not IFeatureCollection features
            || features.Get<IBadRequestExceptionFeature>()?.Error is not BadHttpRequestException error
            || features.Get<AnswerableConnection>() is not { } connection
            || features.Get<IHttpResponseFeature>() is null or { HasStarted: true })
        {
            return;
        }

        var request = features.Get<IHttpRequestFeature>();
        var address = features.Get<IHttpConnectionFeature>();
        var refused = new Refused(
            request is { Method.Length: > 0 } ? $"{request.Method} {request.RawTarget}" : "a request",
            Caller.Of(address?.RemoteIpAddress, address?.RemotePort ?? 0),
            error.StatusCode,
            StatusRefusal.KindOf(error.StatusCode),
            SentenceOf(error),
            features.Get<IHttpRequestIdentifierFeature>()?.TraceIdentifier ?? connection.ConnectionId);

        RefusalResult.Write(loggers, refused);
        connection.AnswerInstead(Response(refused, request));
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    private static async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        try
        {
            await next(new AnswerableConnection(connection));
        }
        finally
        {
            ConnectionEnd.Of(connection).Come();
        }
    }

    private static string SentenceOf(BadHttpRequestException error)
    {
        // Where it does not log what it read, Kestrel leaves quotation marks without anything in between.
        var why = error.Message.Replace(": ''", "", StringComparison.Ordinal).TrimEnd('.');

        return error.StatusCode switch
        {
            StatusCodes.Status431RequestHeaderFieldsTooLarge => $"The request's head is too large ({why}). Put what is large into a file of the bundle.",
            StatusCodes.Status400BadRequest when why.Contains("header", StringComparison.OrdinalIgnoreCase) =>
                $"The request's head cannot be read ({why}). A header is a name, a colon and text in UTF-8 without control characters.",
            _ => $"The request's head cannot be read ({why}).",
        };
    }

    private static byte[] Response(Refused refused, IHttpRequestFeature? request)
    {
        // Only what came before the fault was read.
        var body = RefusalBody.Of(refused.Status, refused.Kind, refused.Detail, refused.TraceId, request?.Headers.Accept ?? default);
        var head = string.Create(CultureInfo.InvariantCulture, $"""
            HTTP/1.1 {refused.Status} {ReasonPhrases.GetReasonPhrase(refused.Status)}
            Content-Type: {body.ContentType}
            Content-Length: {body.Bytes.Length}
            Connection: close
            Date: {DateTimeOffset.UtcNow:r}


            """).ReplaceLineEndings("\r\n");

        return [.. Encoding.ASCII.GetBytes(head), .. HttpMethods.IsHead(request?.Method ?? "") ? [] : body.Bytes];
    }
}
