using Microsoft.Extensions.Configuration;
using Servo.Client;
using Servo.Client.DependencyInjection;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Registers <see cref="ServoClient"/>, transient and based on <see cref="IHttpClientFactory"/>; use the returned builder to configure the
/// connection, such as a proxy.
/// </summary>
public static class ServoClientServiceCollectionExtensions
{
    /// <summary>
    /// Adds the client of one gateway; throws <see cref="ArgumentException"/> for an address or an option that <see cref="ServoClient"/>
    /// refuses.
    /// </summary>
    public static IHttpClientBuilder AddServoClient(this IServiceCollection services, Uri gateway, ServoCredential credential) =>
        services.AddServoClient(gateway, credential, new ServoClientOptions());

    /// <summary>
    /// Adds the client of one gateway with options; throws <see cref="ArgumentException"/> for an address or an option that
    /// <see cref="ServoClient"/> refuses.
    /// </summary>
    public static IHttpClientBuilder AddServoClient(
        this IServiceCollection services, Uri gateway, ServoCredential credential, ServoClientOptions options) =>
        Registration.Add(services, name: null, Registration.Fixed(gateway, credential, options));

    /// <summary>Adds the client of one of several gateways, as a keyed service: <c>[FromKeyedServices("name")] ServoClient</c>.</summary>
    public static IHttpClientBuilder AddServoClient(
        this IServiceCollection services, string name, Uri gateway, ServoCredential credential) =>
        services.AddServoClient(name, gateway, credential, new ServoClientOptions());

    /// <summary>
    /// Adds the client of one of several gateways with options, as a keyed service: <c>[FromKeyedServices("name")] ServoClient</c>.
    /// </summary>
    public static IHttpClientBuilder AddServoClient(
        this IServiceCollection services, string name, Uri gateway, ServoCredential credential, ServoClientOptions options) =>
        Registration.Add(services, Registration.Checked(name), Registration.Fixed(gateway, credential, options));

    /// <summary>
    /// Adds the client of one gateway from a section of the configuration: <c>Url</c>, <c>Token</c> or <c>TokenFile</c> (otherwise the
    /// environment variable <c>SERVO_TOKEN</c>), <c>Algorithm</c>, <c>MaxRetries</c> and <c>MaxRetryDelay</c>. An invalid value stops the
    /// host at start, with a message that names the key.
    /// </summary>
    public static IHttpClientBuilder AddServoClient(this IServiceCollection services, IConfiguration section) =>
        Registration.Add(services, name: null, Registration.Bound(services, Options.Options.DefaultName, section));

    /// <summary>
    /// Adds the client of one of several gateways from a section of the configuration, as a keyed service: <c>[FromKeyedServices("name")]
    /// ServoClient</c>.
    /// </summary>
    public static IHttpClientBuilder AddServoClient(this IServiceCollection services, string name, IConfiguration section) =>
        Registration.Add(services, Registration.Checked(name), Registration.Bound(services, name, section));
}
