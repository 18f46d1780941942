using Microsoft.AspNetCore.Diagnostics;
using Servo.Application;
using Servo.Domain;

namespace Servo.AspNetCore.Refusals;

/// <summary>Turns a fault into a refusal that says nothing of its inside, and logs the cause: the framework does not where a handler answers.</summary>
internal sealed partial class FaultHandler(ILogger<FaultHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (DiskSpace.IsLacking(exception))
        {
            Log.NoSpace(logger, RefusalResult.TraceIdOf(httpContext), exception.Message);
            await RefusalStatus.From(new Refusal.NoSpace()).ExecuteAsync(httpContext);
            return true;
        }

        // The server's own: a body that is too slow or breaks its framing.
        var (status, detail) = UnreadableBody.In(exception) is { } bad
            ? (bad.StatusCode, bad.Message)
            : (StatusCodes.Status500InternalServerError, "The gateway failed. Its log has the cause.");

        if (status >= StatusCodes.Status500InternalServerError)
            Log.Fault(logger, RefusalResult.TraceIdOf(httpContext), exception);

        await new RefusalResult(status, StatusRefusal.KindOf(status), detail).ExecuteAsync(httpContext);
        return true;
    }

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Error, "A request failed because the disk is full (traceId {TraceId}): {Reason}")]
        public static partial void NoSpace(ILogger logger, string traceId, string reason);

        [LoggerMessage(1, LogLevel.Error, "A request failed because the gateway did (traceId {TraceId})")]
        public static partial void Fault(ILogger logger, string traceId, Exception exception);
    }
}
