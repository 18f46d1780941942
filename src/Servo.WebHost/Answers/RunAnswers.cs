using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Servo.Application;
using Servo.Infrastructure.Runs;

namespace Servo.WebHost.Answers;

/// <summary>Chooses the form of the answer by the header Accept (RFC 9110, section 12.5.1).</summary>
internal sealed class RunAnswers(IOptions<ServoOptions> options, RuntimeDirectory runtime, PendingAnswers pending, TimeProvider time)
{
    private static readonly MediaTypeHeaderValue _json = new("application/json");

    public RunAnswer For(HttpContext context)
    {
        var accepted = Accepted(context.Request);

        return accepted.FirstOrDefault(IsStream)?.MediaType.Value?.ToLowerInvariant() switch
        {
            EventFormat.ServerSentEventsType => new StreamedAnswer(context, EventFormat.ServerSentEvents, time),
            EventFormat.NewlineDelimitedJsonType => new StreamedAnswer(context, EventFormat.NewlineDelimitedJson, time),
            _ when accepted.Any(MatchesJson) => new JsonAnswer(context, options.Value, runtime) { Pending = pending },
            _ => new TextAnswer(context, options.Value, runtime) { Pending = pending },
        };
    }

    /// <summary>What the caller accepts, the most wanted first.</summary>
    private static List<MediaTypeHeaderValue> Accepted(HttpRequest request) =>
        MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var list)
            ? [.. list.Where(type => type.Quality is null or > 0).OrderByDescending(type => type.Quality ?? 1)]
            : [];

    private static bool IsStream(MediaTypeHeaderValue type) =>
        type.MediaType.Equals(EventFormat.ServerSentEventsType, StringComparison.OrdinalIgnoreCase)
        || type.MediaType.Equals(EventFormat.NewlineDelimitedJsonType, StringComparison.OrdinalIgnoreCase);

    /// <summary>Compares types only: parameters such as charset or q do not matter.</summary>
    private static bool MatchesJson(MediaTypeHeaderValue type) =>
        type.MatchesAllTypes || (type.Type.Equals(_json.Type, StringComparison.OrdinalIgnoreCase) && (type.MatchesAllSubTypes || type.SubType.Equals(_json.SubType, StringComparison.OrdinalIgnoreCase)));
}
