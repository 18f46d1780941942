using System.Diagnostics;
using MediatR;
using Servo.Domain;

namespace Servo.Application.Messaging;

/// <summary>Gives every command a span and a duration, both with its outcome: <c>done</c>, the kind of its refusal or failure, or <c>fault</c>.</summary>
internal sealed class TelemetryBehavior<TRequest, TResponse>(StepTelemetry telemetry, TimeProvider time) : IPipelineBehavior<TRequest, TResponse>
    where TRequest : notnull
    where TResponse : IResult<TResponse>
{
    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        var step = typeof(TRequest).Name;
        using var span = StepTelemetry.Source.StartActivity(step);
        var start = time.GetTimestamp();
        var outcome = "fault";

        try
        {
            var response = await next();
            outcome = response.WhyNot ?? "done";
            return response;
        }
        finally
        {
            span?.SetTag("servo.outcome", outcome);
            span?.SetStatus(outcome == "done" ? ActivityStatusCode.Ok : ActivityStatusCode.Error);
            telemetry.Duration.Record(time.GetElapsedTime(start).TotalSeconds, new("servo.step", step), new("servo.outcome", outcome));
        }
    }
}
