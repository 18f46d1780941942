using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Features;

namespace Servo.AspNetCore.Refusals;

/// <summary>
/// A refusal, whoever makes it: one form for callers, and one line for the operator that has the caller's address and the answer's <c>traceId</c>.
/// </summary>
internal sealed partial class RefusalResult(int status, string kind, string detail, int retryAfterSeconds = 0) : IResult
{
    public async Task ExecuteAsync(HttpContext context)
    {
        var traceId = TraceIdOf(context);
        var body = RefusalBody.Of(status, kind, detail, traceId, context.Request.Headers.Accept);
        Write(context.RequestServices.GetRequiredService<ILoggerFactory>(), new Refused(
            $"{context.Request.Method} {context.Request.Path.Value}", Caller.Of(context), status, kind, detail, traceId));

        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = body.ContentType;
        response.ContentLength = body.Bytes.Length;

        if (retryAfterSeconds > 0)
            response.Headers.RetryAfter = retryAfterSeconds.ToString(CultureInfo.InvariantCulture);

        await response.Body.WriteAsync(body.Bytes, CancellationToken.None);
    }

    /// <summary>Names the request in an answer and in the log.</summary>
    public static string TraceIdOf(HttpContext context) => context.Features.Get<IHttpActivityFeature>()?.Activity?.Id ?? context.TraceIdentifier;

    /// <summary>Writes the line about a refusal.</summary>
    public static void Write(ILoggerFactory loggers, Refused refused) =>
        Log.Refused(
            loggers.CreateLogger<RefusalResult>(),
            Token().Replace(refused.Request, "…"), refused.Caller, refused.Status, refused.Kind, refused.Detail, refused.TraceId);

    /// <summary>A callback's token, and what might be one: while its run lasts it is a key.</summary>
    [GeneratedRegex("[A-Za-z0-9]{32,}")]
    private static partial Regex Token();

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Refused {Request} of {Caller} with {Status} {Kind}: {Detail} (traceId {TraceId})")]
        public static partial void Refused(ILogger logger, string request, string caller, int status, string kind, string detail, string traceId);
    }
}

/// <summary>What the log says of a refusal.</summary>
/// <param name="Request">The method and the path.</param>
/// <param name="Caller">Who sent it.</param>
/// <param name="Status">The status of the answer.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Detail">Its sentence.</param>
/// <param name="TraceId">Its id.</param>
internal sealed record Refused(string Request, string Caller, int Status, string Kind, string Detail, string TraceId);
