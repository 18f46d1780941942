using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Servo.AspNetCore.Refusals;

/// <summary>
/// The media types that a caller accepts (RFC 9110, section 12.5.1), the most wanted first; none without the header, or where it is malformed.
/// </summary>
internal sealed class AcceptedTypes(StringValues header)
{
    /// <summary>A stream of Server-Sent Events.</summary>
    public const string ServerSentEvents = "text/event-stream";

    /// <summary>A stream of JSON objects, one a line.</summary>
    public const string NewlineDelimitedJson = "application/x-ndjson";

    private readonly List<MediaTypeHeaderValue> _types = MediaTypeHeaderValue.TryParseList(header, out var list)
        ? [.. list.Where(type => type.Quality is null or > 0).OrderByDescending(type => type.Quality ?? 1)]
        : [];

    /// <summary>The first type that streams a run, or <see langword="null"/>.</summary>
    public string? Stream => _types.FirstOrDefault(IsStream)?.MediaType.Value?.ToLowerInvariant();

    /// <summary>Whether JSON is accepted.</summary>
    public bool Json => _types.Any(type => Matches(type, "application", "json"));

    /// <summary>Whether text is accepted, and nothing that a problem document could be.</summary>
    public bool OnlyText =>
        _types.Any(type => type.Type.Equals("text", StringComparison.OrdinalIgnoreCase))
        && Stream is null
        && !Json
        && !_types.Any(type => Matches(type, "application", "problem+json"));

    private static bool IsStream(MediaTypeHeaderValue type) =>
        type.MediaType.Equals(ServerSentEvents, StringComparison.OrdinalIgnoreCase)
        || type.MediaType.Equals(NewlineDelimitedJson, StringComparison.OrdinalIgnoreCase);

    /// <summary>Compares types only: parameters such as charset or q do not matter.</summary>
    private static bool Matches(MediaTypeHeaderValue accepted, string type, string subType) =>
        accepted.MatchesAllTypes
        || (accepted.Type.Equals(type, StringComparison.OrdinalIgnoreCase)
            && (accepted.MatchesAllSubTypes || accepted.SubType.Equals(subType, StringComparison.OrdinalIgnoreCase)));
}
