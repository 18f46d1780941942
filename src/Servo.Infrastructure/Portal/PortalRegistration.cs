using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
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
            .ConfigureHttpClient(PortalConnection.Configure)
            .ConfigurePrimaryHttpMessageHandler(PortalConnection.CreateHandler)
            .AddHttpMessageHandler(() => new PortalAddressHandler())
            .AddHttpMessageHandler(() => new PortalSigningHandler())
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)

            // The factory's loggers print headers, and so the signature and the line, at level Trace.
            .RemoveAllLoggers();

        // A host that finds its portal by itself, as a pod does, has registered its directory before.
        services.TryAddSingleton<IPortalDirectory>(provider => new ConfiguredPortal(Options(provider).Portal));

        return services.AddSingleton<IPortal>(provider => Options(provider).Portal.EffectiveMode == PortalMode.Embedded
            ? new EmbeddedPortal(provider.GetRequiredService<TimeProvider>())
            : new OchothonPortal(provider.GetRequiredService<IOchothonPortal>(), provider.GetRequiredService<IPortalDirectory>(), provider.GetRequiredService<RuntimeDirectory>().Spool));
    }

    private static ServoOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<ServoOptions>>().Value;
}
