namespace Servo.Client.DependencyInjection;

/// <summary>The settings of a client of one gateway.</summary>
internal sealed class GatewaySettings
{
    public Uri Url { get; set; } = null!;

    public ServoCredential Credential { get; set; } = null!;

    public ServoClientOptions Options { get; set; } = new();

    /// <summary>Throws what the client's constructor throws.</summary>
    public void Validate() => _ = new ServoClient(Url, Credential, Options);

    public ServoClient CreateClient(HttpClient http, bool sendsUtf8) => new(Url, Credential, http, new ServoClientOptions
    {
        Algorithm = Options.Algorithm,
        MaxRetries = Options.MaxRetries,
        MaxRetryDelay = Options.MaxRetryDelay,
        ReconnectTimeout = Options.ReconnectTimeout,
        HttpClientSendsUtf8 = Options.HttpClientSendsUtf8 || sendsUtf8,
    });
}
