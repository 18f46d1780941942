using System.Text.Json;

namespace Servo.Client.Runs;

/// <summary>Reads why a run was refused, from the status and from the problem document (RFC 9457) that a gateway adds.</summary>
internal static class RefusalReader
{
    private const int MaxBytes = 64 * 1024;

    /// <summary>Reads why a request about runs was refused; such a request may be repeated.</summary>
    public static async Task<ServoRequestException> ReadAsync(
        HttpResponseMessage response, Gateway gateway, CancellationToken cancellationToken)
    {
        var (kind, detail) = await ReadProblemAsync(response, cancellationToken).ConfigureAwait(false);
        var retryAfter = RetryAfter(response);
        var status = (int)response.StatusCode;

        var (error, message) = status switch
        {
            403 when kind is RefusalKinds.UnsignedRequest => (ServoRequestError.BadSignature,
                $"{gateway.Name} did not accept the signature (403). Check that the servo token is this gateway's, and this machine's "
                    + "clock, which may differ by five minutes from the gateway's."),
            404 when kind is RefusalKinds.UnknownRun => (ServoRequestError.BadRequest,
                $"{gateway.Name} refused the request (404): {detail}"),
            404 or 405 => (ServoRequestError.NotSupported,
                $"{gateway.Name} keeps no runs ({status}): it is an original servo or an older gateway, or the address is wrong."),
            429 => (ServoRequestError.Busy, $"{gateway.Name} is busy (429). {detail ?? "Try again later."}"),
            >= 400 and < 500 when kind is not null =>
                (ServoRequestError.BadRequest, $"{gateway.Name} refused the request ({status}): {detail}"),
            >= 500 => (
                ServoRequestError.Unavailable,
                $"{gateway.Name} cannot answer ({status}). {detail ?? "Its log, or that of the proxy in front of it, tells why."}"),
            _ => (ServoRequestError.NotAServo, NotAServo(response, gateway)),
        };

        return new ServoRequestException(error, message)
        {
            StatusCode = response.StatusCode,
            Kind = kind,
            RetryAfter = retryAfter,
            NothingStarted = status is 429 or 502 or 503 or 504,
        };
    }

    public static async Task<ServoRequestException> ReadAsync(
        HttpResponseMessage response, Gateway gateway, long archiveBytes, CancellationToken cancellationToken)
    {
        var (kind, detail) = await ReadProblemAsync(response, cancellationToken).ConfigureAwait(false);
        var retryAfter = RetryAfter(response);
        var status = (int)response.StatusCode;

        var (error, message) = status switch
        {
            403 when kind is null or RefusalKinds.BadSignature => (ServoRequestError.BadSignature,
                $"{gateway.Name} did not accept the signature (403). Check that the servo token is this gateway's; an original servo of "
                    + "2016 needs signatures with SHA-1."),
            413 =>
                (ServoRequestError.TooLarge, $"{gateway.Name} does not take an archive of {archiveBytes} bytes (413). {detail}".TrimEnd()),
            429 => (ServoRequestError.Busy, $"{gateway.Name} is busy (429). {detail ?? "Try again later."}"),
            408 when kind is not null => (ServoRequestError.Unavailable, $"{gateway.Name} gave up on the upload (408). {detail}"),
            >= 400 and < 500 when kind is not null =>
                (ServoRequestError.BadRequest, $"{gateway.Name} refused the request ({status}): {detail}"),
            >= 500 => (
                ServoRequestError.Unavailable,
                $"{gateway.Name} cannot take the run ({status}). {detail ?? "Its log, or that of the proxy in front of it, tells why."}"),
            _ => (ServoRequestError.NotAServo, NotAServo(response, gateway)),
        };

        return new ServoRequestException(error, message)
        {
            Hint = error == ServoRequestError.BadSignature ? "ServoClientOptions.Algorithm chooses it." : null,
            StatusCode = response.StatusCode,
            Kind = kind,
            RetryAfter = retryAfter,
            // A proxy may answer 502 or 504 when the run has begun; 503 is only safe where it asks to come back.
            NothingStarted = status == 429 || (status == 503 && retryAfter is not null),
        };
    }

    /// <summary>The message about an answer that did not come from a servo.</summary>
    public static string NotAServo(HttpResponseMessage response, Gateway gateway)
    {
        var type = response.Content?.Headers.ContentType?.MediaType ?? "no content";
        var redirect = response.Headers.Location is { } location ? $" and leads to {location}" : "";

        return $"{gateway.Name} is not a servo: it answered {(int)response.StatusCode} ({type}){redirect}. Check the address and any "
            + "proxy in front of the gateway.";
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - DateTimeOffset.UtcNow is { Ticks: > 0 } delay ? delay : TimeSpan.Zero,
        _ => null,
    };

    private static async Task<(string? Kind, string? Detail)> ReadProblemAsync(
        HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content?.Headers.ContentType?.MediaType != "application/problem+json")
            return (null, null);

        try
        {
            using var body = await response.Content.ReadAsStreamAsync().ConfigureAwait(false);
            var buffer = new byte[MaxBytes];
            var length = 0;

            while (length < buffer.Length
                && await body.ReadAsync(buffer, length, buffer.Length - length, cancellationToken).ConfigureAwait(false)
                    is > 0 and var read)
            {
                length += read;
            }

            using var problem = JsonDocument.Parse(buffer.AsMemory(0, length));
            return (Text(problem.RootElement, "kind"), Text(problem.RootElement, "detail"));
        }
        catch (Exception e) when (e is JsonException or IOException or HttpRequestException)
        {
            // The status alone has to do.
            return (null, null);
        }
    }

    private static string? Text(JsonElement problem, string name) =>
        problem.ValueKind == JsonValueKind.Object && problem.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
