using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Servo.AspNetCore.Connections;

/// <summary>Ends a request that was answered before its body had arrived.</summary>
internal static class UnfinishedRequest
{
    /// <summary>
    /// What of a body is read ahead of whoever reads it: memory that each
    /// connection takes before anything is known of its sender (1 MiB by default).
    /// </summary>
    public const int ReadAhead = 256 * 1024;

    /// <summary>
    /// What a sender has to read its answer: closed at once, with bytes of it unread,
    /// the connection would be reset and the answer lost (RFC 9112, section 9.6).
    /// </summary>
    private static readonly TimeSpan _linger = TimeSpan.FromSeconds(1);

    /// <summary>Drops what still comes for a moment, then closes the connection; the server itself would wait for five seconds, also when it stops.</summary>
    public static async Task EndAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true })
        {
            await next(context);
            return;
        }

        // Over HTTP/2 a connection carries many bodies, each with an end of its own.
        var connection = HttpProtocol.IsHttp2(context.Request.Protocol) ? null : context.Features.Get<AnswerableConnection>();
        connection?.ExpectBody(true);
        await next(context);

        if (await IsReadToItsEndAsync(context))
            connection?.ExpectBody(false);
        else if (connection is not null)
            TakeNoOther(context);
    }

    private static async Task<bool> IsReadToItsEndAsync(HttpContext context)
    {
        if (context.RequestAborted.IsCancellationRequested)
            return false;

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        limit.CancelAfter(_linger);

        try
        {
            await context.Response.CompleteAsync();
            await using var body = new RequestBody(context.Request.BodyReader);
            var dropped = new byte[4096];

            while (await body.ReadAsync(dropped, limit.Token) > 0)
            {
            }

            return true;
        }
        catch (BadHttpRequestException)
        {
            // The server ends the connection in order: aborted here, it would be reset and the answer lost.
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            context.Abort();
        }

        return false;
    }

    /// <summary>
    /// Keeps the server from reading what is left of a body as the next
    /// request, which it does where a request ends in the middle of its body.
    /// </summary>
    private static void TakeNoOther(HttpContext context) => context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
}
