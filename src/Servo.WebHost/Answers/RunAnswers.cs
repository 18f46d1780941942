using Microsoft.Extensions.Options;
using Servo.Application;
using Servo.Infrastructure.Runs;

namespace Servo.WebHost.Answers;

/// <summary>Chooses the form of the answer by what its caller accepts.</summary>
internal sealed class RunAnswers(IOptions<ServoOptions> options, RuntimeDirectory runtime, PendingAnswers pending, TimeProvider time)
{
    public RunAnswer For(HttpContext context)
    {
        var accepted = new AcceptedTypes(context.Request.Headers.Accept);

        return accepted.Stream switch
        {
            EventFormat.ServerSentEventsType => new StreamedAnswer(context, EventFormat.ServerSentEvents, time),
            EventFormat.NewlineDelimitedJsonType => new StreamedAnswer(context, EventFormat.NewlineDelimitedJson, time),
            _ when accepted.Json => new JsonAnswer(context, options.Value, runtime) { Pending = pending },
            _ => new TextAnswer(context, options.Value, runtime) { Pending = pending },
        };
    }
}
