using Microsoft.AspNetCore.Http.Features;

namespace Servo.AspNetCore.Connections;

/// <summary>Ends a request that was answered before its body had arrived.</summary>
internal static class UnfinishedRequest
{
    /// <summary>What of a body is read ahead of whoever reads it: memory that each connection takes before anything is known of its sender (1 MiB by default).</summary>
    public const int ReadAhead = 256 * 1024;

    /// <summary>What a sender has to read its answer: closed at once, with bytes of it unread, the connection would be reset and the answer lost (RFC 9112, section 9.6).</summary>
    private static readonly TimeSpan _linger = TimeSpan.FromSeconds(1);

    /// <summary>Drops what still comes for a moment, then closes the connection; the server itself would wait for five seconds, also when it stops.</summary>
    public static async Task EndAsync(HttpContext context, RequestDelegate next)
    {
        await next(context);

        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true } || context.RequestAborted.IsCancellationRequested)
            return;

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
        }
        catch (BadHttpRequestException)
        {
            // The server ends the connection by itself, and in order: aborted here, it would be reset and the answer lost.
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            context.Abort();
        }
    }
}
