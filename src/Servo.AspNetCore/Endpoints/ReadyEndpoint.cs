using Servo.Application.Runs;
using Servo.AspNetCore.Refusals;

namespace Servo.AspNetCore.Endpoints;

/// <summary>
/// <c>GET /ready</c>: 200 if a run that came now would be accepted, with what scripts cannot reach; else 503 with the reason.
/// </summary>
internal static class ReadyEndpoint
{
    public static async Task HandleAsync(HttpContext context)
    {
        var readiness = context.RequestServices.GetRequiredService<IReadiness>();
        IResult answer = await readiness.WhyNotAsync(context.RequestAborted) is { } why
            ? new RefusalResult(StatusCodes.Status503ServiceUnavailable, "not-ready", why)
            : TypedResults.Ok(new Ready("ready", readiness.Sandbox));
        await answer.ExecuteAsync(context);
    }

    internal sealed record Ready(string Status, string Sandbox);
}
