using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Servo.Client.Runs;

/// <summary>The gateway's runs: requests that are signed with the servo token and may be repeated.</summary>
internal sealed class RunResources(Gateway gateway, ServoCredential credential, ServoClientOptions options)
{
    // By its kind alone a refusal is known for one.
    private const string LogOrRefusal = "text/plain, application/problem+json";

    public async Task<RunInfo> GetAsync(string runId, CancellationToken cancellationToken) =>
        await JsonAsync(HttpMethod.Get, OfRun(runId), RunInfoReader.Info, cancellationToken).ConfigureAwait(false);

    public async Task<RunInfo> CancelAsync(string runId, CancellationToken cancellationToken) =>
        await JsonAsync(HttpMethod.Delete, OfRun(runId), RunInfoReader.Info, cancellationToken).ConfigureAwait(false);

    public async Task<RunPage> ListAsync(RunQuery query, CancellationToken cancellationToken) =>
        await JsonAsync(HttpMethod.Get, QueryText(query), RunInfoReader.Page, cancellationToken).ConfigureAwait(false);

    /// <summary>The text of a log, as far as it has come.</summary>
    public Task<HttpResponseMessage> LogAsync(string runId, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, $"{OfRun(runId)}/log", LogOrRefusal, cancellationToken);

    /// <summary>The events of a run behind a number, without a retry.</summary>
    public Task<HttpResponseMessage> EventsAsync(string runId, long after, CancellationToken cancellationToken) => SendOnceAsync(
        HttpMethod.Get,
        string.Format(CultureInfo.InvariantCulture, "{0}/events?after={1}", OfRun(runId), after),
        RunFollower.EventsType,
        cancellationToken);

    /// <summary>The events of a run from the first.</summary>
    public Task<HttpResponseMessage> EventsAsync(string runId, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, $"{OfRun(runId)}/events?after=0", RunFollower.EventsType, cancellationToken);

    /// <summary>Throws <see cref="ArgumentException"/> for an id that an address cannot carry.</summary>
    public static void Check(string runId)
    {
        Guard.NotNull(runId, nameof(runId));

        // A segment of dots alone would be resolved, not sent (RFC 3986, section 5.2.4).
        if (runId.Trim().Length == 0 || runId is "." or "..")
            throw new ArgumentException($"'{runId}' cannot be the id of a run.", nameof(runId));
    }

    private static string OfRun(string runId) => "/" + Uri.EscapeDataString(runId);

    private static string QueryText(RunQuery query)
    {
        var parts = new List<string>();
        Add("state", query.State);
        Add("script", query.Script);
        Add("since", query.Since?.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        Add("limit", query.Limit?.ToString(CultureInfo.InvariantCulture));
        Add("after", query.After);
        return parts.Count == 0 ? "" : "?" + string.Join("&", parts);

        void Add(string name, string? value)
        {
            if (value is not null)
                parts.Add($"{name}={Uri.EscapeDataString(value)}");
        }
    }

    private async Task<T> JsonAsync<T>(HttpMethod method, string rest, Func<JsonElement, T> read, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(method, rest, RunFollower.JsonType, cancellationToken).ConfigureAwait(false);

        return await ReadAsync(response, gateway, read, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the document of an answer.</summary>
    public static async Task<T> ReadAsync<T>(
        HttpResponseMessage response, Gateway gateway, Func<JsonElement, T> read, CancellationToken cancellationToken)
    {
        try
        {
            using var body = await response.Content.ReadAsStreamAsync().ConfigureAwait(false);
            using var json = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken).ConfigureAwait(false);
            return read(json.RootElement);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new ServoRequestException(
                ServoRequestError.ConnectionLost,
                $"The connection to {gateway.Name} broke before the whole answer had come: {e.Message}",
                e);
        }
        catch (Exception e) when (
            e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
        {
            throw new ServoRequestException(ServoRequestError.NotAServo, RefusalReader.NotAServo(response, gateway), e)
            {
                StatusCode = response.StatusCode,
            };
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string rest, string accept, CancellationToken cancellationToken)
    {
        for (var retries = 0; ; retries++)
        {
            try
            {
                return await SendOnceAsync(method, rest, accept, cancellationToken).ConfigureAwait(false);
            }
            catch (ServoRequestException e) when (
                retries < options.MaxRetries && RetryDelay.After(e, retries, options.MaxRetryDelay) is { } delay)
            {
                await Task.Delay(delay, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(
        HttpMethod method, string rest, string accept, CancellationToken cancellationToken)
    {
        using var request = Sign(method, gateway.RunsAddress(rest));
        request.Headers.TryAddWithoutValidation("Accept", accept);
        request.Headers.ConnectionClose = true;
        HttpResponseMessage response;

        try
        {
            response = await gateway.Http.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw ConnectionFault.From(e, gateway);
        }

        if (response.IsSuccessStatusCode)
            return response;

        using (response)
            throw await RefusalReader.ReadAsync(response, gateway, cancellationToken).ConfigureAwait(false);
    }

    private HttpRequestMessage Sign(HttpMethod method, Uri address)
    {
        var target = address.GetComponents(UriComponents.PathAndQuery, UriFormat.UriEscaped);
        var timestamp = DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using var hmac = Signature.Start(credential, SignatureAlgorithm.Sha256);
        hmac.AppendData(Encoding.UTF8.GetBytes($"{method.Method}\n{target}\n{timestamp}"));

        var request = new HttpRequestMessage(method, address);
        request.Headers.Add("X-Timestamp", timestamp);
        request.Headers.Add("X-Signature", Signature.Finish(hmac, SignatureAlgorithm.Sha256));
        return request;
    }
}
