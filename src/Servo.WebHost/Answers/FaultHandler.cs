using Microsoft.AspNetCore.Diagnostics;

namespace Servo.WebHost.Answers;

/// <summary>Turns a fault into a problem document (RFC 9457) that says nothing of its inside.</summary>
internal sealed class FaultHandler : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        // The server's own: a body that is too slow or breaks its framing.
        var (status, detail) = exception is BadHttpRequestException bad
            ? (bad.StatusCode, bad.Message)
            : (StatusCodes.Status500InternalServerError, "The gateway failed. Its log has the cause.");

        httpContext.Response.StatusCode = status;
        await TypedResults.Problem(statusCode: status, detail: detail).ExecuteAsync(httpContext);
        return true;
    }
}
