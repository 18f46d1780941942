using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Servo.Client.DependencyInjection;

/// <summary>The common part of all ways to register a client.</summary>
internal static class Registration
{
    // Also the category of its log lines.
    private const string HttpClientName = "Servo.Client";

    /// <summary>Registers a client that sends through an <see cref="HttpClient"/> of its own name, under a key if it has a name.</summary>
    public static IHttpClientBuilder Add(IServiceCollection services, string? name, Func<IServiceProvider, GatewaySettings> settings)
    {
        var httpName = name is null ? HttpClientName : $"{HttpClientName}.{name}";

        if (name is null)
            services.AddTransient(Create);
        else
            services.AddKeyedTransient(name, (provider, _) => Create(provider));

        return services
            // The limit would count the upload and the run; RunOptions.Timeout is for that.
            .AddHttpClient(httpName, static http => http.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(PrimaryHandler.Create);

        ServoClient Create(IServiceProvider provider) => settings(provider).CreateClient(
            provider.GetRequiredService<IHttpClientFactory>().CreateClient(httpName),
            PrimaryHandler.SendsUtf8(provider.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler(httpName)));
    }

    /// <summary>Settings from code, validated at registration rather than at the first run.</summary>
    public static Func<IServiceProvider, GatewaySettings> Fixed(Uri gateway, ServoCredential credential, ServoClientOptions options)
    {
        var settings = new GatewaySettings { Url = gateway, Credential = credential, Options = options };
        settings.Validate();

        return _ => settings;
    }

    /// <summary>Settings from the configuration, read when the host starts.</summary>
    public static Func<IServiceProvider, GatewaySettings> Bound(IServiceCollection services, string name, IConfiguration section)
    {
        var reader = new GatewaySection(section ?? throw new ArgumentNullException(nameof(section)), name);
        services.AddOptions<GatewaySettings>(name).Configure(reader.Read).ValidateOnStart();

        return provider => provider.GetRequiredService<IOptionsMonitor<GatewaySettings>>().Get(name);
    }

    public static string Checked(string name) =>
        string.IsNullOrWhiteSpace(name)
            ? throw new ArgumentException("The name of a client must not be empty: it is the key of the service.", nameof(name))
            : name;
}
