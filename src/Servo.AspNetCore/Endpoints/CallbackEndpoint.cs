using MediatR;
using Servo.Application.Callbacks;
using Servo.AspNetCore.Connections;
using Servo.AspNetCore.Refusals;
using Servo.Domain;

namespace Servo.AspNetCore.Endpoints;

/// <summary><c>POST /callback/{token}[/{tag}]</c>: hands a payload to a run in progress, whatever its content type.</summary>
internal sealed class CallbackEndpoint(IMediator mediator)
{
    public async Task<IResult> HandleAsync(HttpContext context, string token, string? tag)
    {
        // Routing leaves an encoded slash as it is; decoded, it must fail the test of a plain file name.
        var name = tag is null ? CallbackTag.Default : tag.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        var delivered = await mediator.Send(new DeliverCallback(token, name, new RequestBody(context.Request.BodyReader), Caller.Of(context), Sender.Of(context)), context.RequestAborted);

        return delivered.TryGet(out _, out var rejection) ? TypedResults.Ok() : RejectionResults.From(rejection);
    }
}
