using MediatR;
using Servo.Application.Callbacks;
using Servo.AspNetCore.Connections;
using Servo.AspNetCore.Refusals;
using Servo.Domain;

namespace Servo.AspNetCore.Endpoints;

/// <summary><c>POST /callback/{token}[/{tag}]</c>: hands a payload to a run in progress, whatever its content type.</summary>
internal sealed partial class CallbackEndpoint(IMediator mediator, ILogger<CallbackEndpoint> logger)
{
    public async Task<IResult> HandleAsync(HttpContext context, string token, string? tag)
    {
        // Routing leaves an encoded slash as it is; decoded, it must fail the test of a plain file name.
        var name = tag is null ? CallbackTag.Default : tag.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        var command = new DeliverCallback(token, name, new RequestBody(context.Request.BodyReader), Caller.Of(context), Sender.Of(context));

        try
        {
            var delivered = await mediator.Send(command, context.RequestAborted);
            return delivered.TryGet(out _, out var refusal) ? TypedResults.Ok() : RefusalStatus.From(refusal);
        }
        catch (Exception e) when (HangUp.Explains(e, context))
        {
            Log.Abandoned(logger, Caller.Of(context), RefusalResult.TraceIdOf(context));
            return TypedResults.Empty;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The caller {Caller} hung up while it sent a callback; nothing was delivered (traceId {TraceId})")]
        public static partial void Abandoned(ILogger logger, string caller, string traceId);
    }
}
