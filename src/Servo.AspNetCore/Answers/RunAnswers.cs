using Servo.AspNetCore.Refusals;

namespace Servo.AspNetCore.Answers;

/// <summary>Chooses the form of the answer by what its caller accepts.</summary>
internal sealed class RunAnswers(KeptLogs logs, TimeProvider time)
{
    public IRunAnswer For(HttpContext context)
    {
        var accepted = new AcceptedTypes(context.Request.Headers.Accept);

        return accepted.Stream switch
        {
            AcceptedTypes.ServerSentEvents => new StreamedAnswer(context, new SseFormat(), time),
            AcceptedTypes.NewlineDelimitedJson => new StreamedAnswer(context, new NdjsonFormat(), time),
            _ when accepted.Json => new JsonAnswer(context, logs, JsonForm.Outcome),
            _ => new TextAnswer(context, logs),
        };
    }
}
