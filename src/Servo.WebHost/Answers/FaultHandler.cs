using Microsoft.AspNetCore.Diagnostics;

namespace Servo.WebHost.Answers;

/// <summary>Turns a fault into a refusal that says nothing of its inside, and logs the cause: the framework does not where a handler answers.</summary>
internal sealed partial class FaultHandler(ILogger<FaultHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        // The server's own: a body that is too slow or breaks its framing.
        var (status, detail) = exception is BadHttpRequestException bad
            ? (bad.StatusCode, bad.Message)
            : (StatusCodes.Status500InternalServerError, "The gateway failed. Its log has the cause.");

        if (status >= StatusCodes.Status500InternalServerError)
            Log.Fault(logger, Refusal.TraceIdOf(httpContext), exception);

        await new Refusal(status, StatusRefusal.KindOf(status), detail).ExecuteAsync(httpContext);
        return true;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "A request failed because the gateway did (traceId {TraceId})")]
        public static partial void Fault(ILogger logger, string traceId, Exception exception);
    }
}
