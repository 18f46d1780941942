using Microsoft.Extensions.Options;
using Servo.Application.Logs;
using Servo.AspNetCore.Refusals;

namespace Servo.AspNetCore.Answers;

/// <summary>Chooses the form of the answer by what its caller accepts.</summary>
internal sealed class RunAnswers(IOptions<OutputOptions> options, OutputSpools spools, PendingAnswers pending, TimeProvider time)
{
    public RunAnswer For(HttpContext context)
    {
        var accepted = new AcceptedTypes(context.Request.Headers.Accept);

        return accepted.Stream switch
        {
            AcceptedTypes.ServerSentEvents => new StreamedAnswer(context, EventFormat.ServerSentEvents, time),
            AcceptedTypes.NewlineDelimitedJson => new StreamedAnswer(context, EventFormat.NewlineDelimitedJson, time),
            _ when accepted.Json => new JsonAnswer(context, options.Value, spools.Create()) { Pending = pending },
            _ => new TextAnswer(context, options.Value, spools.Create()) { Pending = pending },
        };
    }
}
