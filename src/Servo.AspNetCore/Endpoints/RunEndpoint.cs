using Microsoft.AspNetCore.Http.Features;
using Servo.Application.Runs;
using Servo.Application.Uploads;
using Servo.AspNetCore.Answers;
using Servo.AspNetCore.Connections;
using Servo.AspNetCore.Refusals;
using Servo.Domain;
using Servo.Domain.Runs;

namespace Servo.AspNetCore.Endpoints;

/// <summary><c>POST /run/{scripts}</c>: binds the request, runs it and hands the outcome to the answer that the caller accepts.</summary>
internal sealed partial class RunEndpoint(ScriptRun run, RunAnswers answers, ILogger<RunEndpoint> logger)
{
    private const string VariablePrefix = "X-Var-";

    public async Task HandleAsync(HttpContext context)
    {
        if (!Bind(context.Request).TryGet(out var request, out var refusal))
        {
            await RefusalStatus.From(refusal).ExecuteAsync(context);
            return;
        }

        await using var answer = answers.For(context);

        try
        {
            refusal = await run.ExecuteAsync(request, answer, new RunCancellation(), context.RequestAborted);

            if (refusal is not null)
                await RefusalStatus.From(refusal).ExecuteAsync(context);
        }
        catch (Exception e) when (HangUp.Explains(e, context))
        {
            Log.Abandoned(logger, request.Caller, request.Scripts.ToString(), RefusalResult.TraceIdOf(context));
        }
    }

    private static Result<SignedRunRequest> Bind(HttpRequest request)
    {
        if (!UploadSignature.Parse(request.Headers["X-Signature"]).TryGet(out var signature, out var refusal))
            return refusal;

        if (!ScriptList.Parse(ScriptsIn(request)).TryGet(out var scripts, out refusal))
            return refusal;

        if (!RunVariables.From(VariablesIn(request)).TryGet(out var variables, out refusal))
            return refusal;

        var body = new UploadBody(new RequestBody(request.BodyReader), request.ContentType, request.ContentLength, Sender.Of(request.HttpContext));
        return new SignedRunRequest(body, signature, scripts, variables) { Caller = Caller.Of(request.HttpContext) };
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

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Warning, "The caller {Caller} hung up while it uploaded a bundle to run {Scripts}; nothing was run (traceId {TraceId})")]
        public static partial void Abandoned(ILogger logger, string caller, string scripts, string traceId);
    }
}
