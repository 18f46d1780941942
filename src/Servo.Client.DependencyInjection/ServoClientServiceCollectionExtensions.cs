using Servo.Client;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers <see cref="ServoClient"/>.</summary>
public static class ServoClientServiceCollectionExtensions
{
    /// <summary>The name of the client's <see cref="HttpClient"/>, and so of its log categories.</summary>
    private const string Name = "Servo.Client";

    /// <summary>
    /// Adds a transient <see cref="ServoClient"/> of one gateway that sends through <c>IHttpClientFactory</c>. The builder takes what else the connection needs:
    /// a primary handler with a proxy or certificates, or further handlers. Redirects are not followed unless a primary handler of yours does so.
    /// </summary>
    public static IHttpClientBuilder AddServoClient(this IServiceCollection services, Uri gateway, ServoCredential credential, ServoClientOptions? options = null)
    {
        // A wrong address or option is told where it is written, not when the first run is made.
        _ = new ServoClient(gateway, credential, options ??= new ServoClientOptions());

        return services
            // The limit would count the upload and the run; RunOptions.Timeout is for that.
            .AddHttpClient(Name, static http => http.Timeout = Timeout.InfiniteTimeSpan)
            // As the client's own: a redirect would turn the upload into a GET without its body.
            .ConfigurePrimaryHttpMessageHandler(static () => new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false })
            .AddTypedClient((http, _) => new ServoClient(gateway, credential, http, options));
    }
}
