using Microsoft.AspNetCore.WebUtilities;

namespace Servo.AspNetCore.Refusals;

/// <summary>The kind and the sentence of a refusal that the framework makes, which gives a status alone.</summary>
internal static class StatusRefusal
{
    /// <summary>A refusal for the status that the response has; <paramref name="addresses"/> says what there is where the address is wrong.</summary>
    public static RefusalResult Of(HttpContext context, string addresses)
    {
        var status = context.Response.StatusCode;

        return new RefusalResult(status, KindOf(status), status switch
        {
            StatusCodes.Status400BadRequest => "The request is malformed.",
            StatusCodes.Status404NotFound => $"There is nothing at this address. {addresses}",
            StatusCodes.Status405MethodNotAllowed => $"This address does not take {context.Request.Method}, but {context.Response.Headers.Allow}.",
            _ => $"The request was refused: {PhraseOf(status)}.",
        });
    }

    /// <summary>A stable name for a status: those that Servo has a word for, else the phrase of the standard.</summary>
    public static string KindOf(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "malformed",
        StatusCodes.Status408RequestTimeout => "too-slow",
        StatusCodes.Status413PayloadTooLarge => "too-large",
        StatusCodes.Status431RequestHeaderFieldsTooLarge => "headers-too-large",
        StatusCodes.Status500InternalServerError => "gateway-fault",
        StatusCodes.Status503ServiceUnavailable => "unavailable",
        _ => PhraseOf(status).ToLowerInvariant().Replace(' ', '-'),
    };

    private static string PhraseOf(int status) => ReasonPhrases.GetReasonPhrase(status) is { Length: > 0 } phrase ? phrase : $"status {status}";
}
