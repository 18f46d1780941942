using MediatR;
using Servo.Application.Callbacks;
using Servo.AspNetCore.Connections;
using Servo.AspNetCore.Refusals;
using Servo.Domain;

namespace Servo.AspNetCore.Endpoints;

/// <summary><c>POST /callback/{token}[/{tag}]</c>: hands a payload to a run in progress, whatever its content type.</summary>
internal sealed partial class CallbackEndpoint(IMediator mediator, ILogger<CallbackEndpoint> logger)
{
    public async Task HandleAsync(HttpContext context)
    {
        var token = (string)context.Request.RouteValues["token"]!;
        // Routing leaves an encoded slash as it is; decoded, it must fail the test of a plain file name.
        var name = context.Request.RouteValues["tag"] is string tag ? tag.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase) : CallbackTag.Default;
        var command = new DeliverCallback(token, name, new RequestBody(context.Request.BodyReader), Caller.Of(context), Sender.Of(context));

        try
        {
            var delivered = await mediator.Send(command, context.RequestAborted);

            if (!delivered.TryGet(out _, out var refusal))
                await RefusalStatus.From(refusal).ExecuteAsync(context);
        }
        catch (Exception e) when (HangUp.Explains(e, context))
        {
            Log.Abandoned(logger, Caller.Of(context), RefusalResult.TraceIdOf(context));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The caller {Caller} hung up while it sent a callback; nothing was delivered (traceId {TraceId})")]
        public static partial void Abandoned(ILogger logger, string caller, string traceId);
    }
}
