using System.Text.Json;
using System.Text.Json.Nodes;

namespace Servo.Ochopod.Cluster;

/// <summary>Asks the control endpoints of pods, over connections that are not kept.</summary>
internal sealed class PodClient(TimeProvider time) : IPodClient, IDisposable
{
    private const int MaxBytes = 1 << 20;

    private static readonly TimeSpan _forInfo = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _forControl = TimeSpan.FromSeconds(75);

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.Zero,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = MaxBytes,
    };

    public async Task<JsonObject?> InfoAsync(PodRegistration pod, CancellationToken cancellationToken)
    {
        using var response = await PostAsync(pod, "info", content: null, _forInfo, cancellationToken);

        if (response is not { IsSuccessStatusCode: true })
            return null;

        try
        {
            return JsonNode.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken)) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public async Task<int?> ControlAsync(PodRegistration pod, string task, JsonObject payload, CancellationToken cancellationToken)
    {
        // Pods want the text alone, without a content type.
        using var content = new ByteArrayContent(payload.ToUtf8());
        using var response = await PostAsync(pod, $"control/{task}/60", content, _forControl, cancellationToken);

        return (int?)response?.StatusCode;
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage?> PostAsync(
        PodRegistration pod, string path, HttpContent? content, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (pod.ControlAddress is not { } address)
            return null;

        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);

        try
        {
            // The whole answer is read within the limit.
            return await _http.PostAsync(new Uri(address, path), content, either.Token);
        }
        catch (Exception e) when ((e is HttpRequestException or OperationCanceledException) && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
