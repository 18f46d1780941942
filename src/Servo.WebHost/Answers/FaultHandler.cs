using Microsoft.AspNetCore.Diagnostics;
using Servo.Application;
using Servo.Domain;

namespace Servo.WebHost.Answers;

/// <summary>Turns a fault into a problem document (RFC 9457) that says nothing of its inside, and logs the cause: the framework does not where a handler answers.</summary>
internal sealed partial class FaultHandler(ILogger<FaultHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (DiskSpace.IsLacking(exception))
        {
            Log.NoSpace(logger, exception.Message);
            await RejectionResults.From(new Rejection.NoSpace()).ExecuteAsync(httpContext);
            return true;
        }

        // The server's own: a body that is too slow or breaks its framing.
        var (status, detail) = exception is BadHttpRequestException bad
            ? (bad.StatusCode, bad.Message)
            : (StatusCodes.Status500InternalServerError, "The gateway failed. Its log has the cause.");

        if (status >= StatusCodes.Status500InternalServerError)
            Log.Fault(logger, exception);
        else
            Log.BadRequest(logger, status, detail);

        httpContext.Response.StatusCode = status;
        await TypedResults.Problem(statusCode: status, detail: detail).ExecuteAsync(httpContext);
        return true;
    }

    private static partial class Log
    {
        [LoggerMessage(3, LogLevel.Error, "A request failed because the disk is full: {Reason}")]
        public static partial void NoSpace(ILogger logger, string reason);

        [LoggerMessage(1, LogLevel.Error, "A request failed because the gateway did")]
        public static partial void Fault(ILogger logger, Exception exception);

        [LoggerMessage(2, LogLevel.Warning, "A request was answered {Status}: {Detail}")]
        public static partial void BadRequest(ILogger logger, int status, string detail);
    }
}
