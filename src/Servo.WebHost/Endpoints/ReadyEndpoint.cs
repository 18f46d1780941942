using Microsoft.AspNetCore.Http.HttpResults;
using Servo.Infrastructure.Runs;

namespace Servo.WebHost.Endpoints;

/// <summary><c>GET /ready</c>: 200 if a run that came now would be accepted, else 503 with the reason.</summary>
internal static class ReadyEndpoint
{
    public static async Task<Results<Ok<Ready>, ProblemHttpResult>> HandleAsync(Readiness readiness, CancellationToken cancellationToken) =>
        await readiness.WhyNotAsync(cancellationToken) is { } why
            ? TypedResults.Problem(statusCode: StatusCodes.Status503ServiceUnavailable, detail: why)
            : TypedResults.Ok(new Ready("ready"));

    internal sealed record Ready(string Status);
}
