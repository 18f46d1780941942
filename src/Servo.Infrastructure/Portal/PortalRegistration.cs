using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Refit;
using Servo.Application;
using Servo.Application.Portal;
using Servo.Infrastructure.Portal.Embedded;
using Servo.Infrastructure.Runs;

namespace Servo.Infrastructure.Portal;

internal static class PortalRegistration
{
    /// <summary>Adds <see cref="IPortal"/>, chosen by the options when it is first asked for.</summary>
    public static IServiceCollection AddPortal(this IServiceCollection services)
    {
        services.AddRefitGeneratedClient<IOchothonPortal>()
            .ConfigureHttpClient((provider, client) => PortalConnection.Configure(client, Options(provider).Portal.Url!))
            .ConfigurePrimaryHttpMessageHandler(PortalConnection.CreateHandler)
            .AddHttpMessageHandler(provider => new PortalSigningHandler(Options(provider).Portal.Token))
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)

            // The factory's loggers print headers, and so the signature and the line, at level Trace.
            .RemoveAllLoggers();

        return services.AddSingleton<IPortal>(provider => Options(provider).Portal switch
        {
            { EffectiveMode: PortalMode.Ochothon, Url: { } url } =>
                new OchothonPortal(provider.GetRequiredService<IOchothonPortal>(), url, provider.GetRequiredService<RuntimeDirectory>().Spool),
            { EffectiveMode: PortalMode.Embedded } => new EmbeddedPortal(provider.GetRequiredService<TimeProvider>()),
            _ => new NoPortal(),
        });
    }

    private static ServoOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<ServoOptions>>().Value;
}
