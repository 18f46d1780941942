using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Servo.Application.Runs;
using Servo.Application.Uploads;
using Servo.AspNetCore.Answers;
using Servo.AspNetCore.Connections;
using Servo.AspNetCore.Refusals;
using Servo.Domain;
using Servo.Domain.Runs;

namespace Servo.AspNetCore.Endpoints;

/// <summary>
/// <c>POST /run/{scripts}</c>: binds the request, has it accepted, and answers with the run or, where its caller does not wait, with its
/// address.
/// </summary>
internal sealed partial class RunEndpoint(SubmitRun submit, RunAnswers answers, ILogger<RunEndpoint> logger)
{
    private const string VariablePrefix = "X-Var-";
    private const string RespondAsync = "respond-async";
    private const int MaxKeyLength = 255;

    /// <summary>When a caller that does not wait had better look first.</summary>
    private const string FirstLookSeconds = "1";

    public async Task HandleAsync(HttpContext context)
    {
        if (!Bind(context.Request).TryGet(out var request, out var refusal))
        {
            await RefusalStatus.From(refusal).ExecuteAsync(context);
            return;
        }

        SubmittedRun? submitted = null;

        try
        {
            if (!(await submit.ExecuteAsync(request, context.RequestAborted)).TryGet(out submitted, out refusal))
                await RefusalStatus.From(refusal).ExecuteAsync(context);
            else if (request.IsDetached)
                await AnswerAtOnceAsync(context, submitted);
            else if (await answers.SendAsync(context, submitted) is { } dropped)
                await RefusalStatus.From(dropped).ExecuteAsync(context);
        }
        catch (Exception e) when (HangUp.Explains(e, context))
        {
            if (submitted is null)
                Log.Abandoned(logger, request.Caller, request.Scripts.ToString(), RefusalResult.TraceIdOf(context));
        }
    }

    private static async Task AnswerAtOnceAsync(HttpContext context, SubmittedRun submitted)
    {
        var response = context.Response;
        response.StatusCode = StatusCodes.Status202Accepted;
        response.Headers.Location = $"/runs/{submitted.Id}";
        response.Headers["Preference-Applied"] = RespondAsync;
        response.Headers.RetryAfter = FirstLookSeconds;
        response.ContentType = "application/json; charset=utf-8";
        await using var json = RunJson.Writer(response.BodyWriter);
        RunJson.WriteRecord(json, submitted.Record);
    }

    private static Result<SignedRunRequest> Bind(HttpRequest request)
    {
        if (!UploadSignature.Parse(request.Headers["X-Signature"]).TryGet(out var signature, out var refusal))
            return refusal;

        if (!ScriptList.Parse(ScriptsIn(request)).TryGet(out var scripts, out refusal))
            return refusal;

        if (!RunVariables.From(VariablesIn(request)).TryGet(out var variables, out refusal))
            return refusal;

        if (!RunLock.Parse(request.Headers["X-Lock"]).TryGet(out var locks, out refusal))
            return refusal;

        if (!SecondsIn(request, "X-Timeout").TryGet(out var timeout, out refusal))
            return refusal;

        if (!SecondsIn(request, "X-Queue-Timeout").TryGet(out var queueTimeout, out refusal))
            return refusal;

        var key = request.Headers["Idempotency-Key"].ToString();

        if (key.Length > MaxKeyLength)
            return new Refusal.Malformed($"The Idempotency-Key has more than {MaxKeyLength} characters.");

        var body = new UploadBody(new RequestBody(request.BodyReader), request.ContentType, request.ContentLength, Sender.Of(request.HttpContext));

        return new SignedRunRequest(body, signature, scripts, variables)
        {
            Caller = Caller.Of(request.HttpContext),
            IsDetached = PrefersAsync(request),
            IdempotencyKey = key.Length > 0 ? key : null,
            Locks = locks,
            Timeout = timeout.Value,
            QueueTimeout = queueTimeout.Value,
        };
    }

    /// <summary>Whether the caller asks not to wait (RFC 7240, section 4.1).</summary>
    private static bool PrefersAsync(HttpRequest request) =>
        request.Headers["Prefer"]
            .SelectMany(value => (value ?? "").Split(',', ';'))
            .Any(preference => preference.Trim().Equals(RespondAsync, StringComparison.OrdinalIgnoreCase));

    private static Result<Seconds> SecondsIn(HttpRequest request, string header)
    {
        var text = request.Headers[header].ToString();

        if (text.Length == 0)
            return new Seconds(null);

        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0.001 and <= 24 * 24 * 3600
            ? new Seconds(TimeSpan.FromSeconds(seconds))
            : new Refusal.Malformed($"{header} must be a number of seconds, from 0.001 to 24 days.");
    }

    /// <summary>The last segment of the target as it was sent: the path that the framework decodes keeps <c>%2F</c> encoded.</summary>
    private static string ScriptsIn(HttpRequest request)
    {
        var target = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var path = target.Split('?', 2)[0];

        return Uri.UnescapeDataString(path[(path.LastIndexOf('/') + 1)..]);
    }

    private static IEnumerable<KeyValuePair<string, string>> VariablesIn(HttpRequest request) =>
        from header in request.Headers
        where header.Key.StartsWith(VariablePrefix, StringComparison.OrdinalIgnoreCase)
        select KeyValuePair.Create(header.Key[VariablePrefix.Length..], header.Value is [.., { } last] ? last : "");

    private readonly record struct Seconds(TimeSpan? Value);

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Warning, "The caller {Caller} hung up while it uploaded a bundle to run {Scripts}; nothing was run (traceId {TraceId})")]
        public static partial void Abandoned(ILogger logger, string caller, string scripts, string traceId);
    }
}
