using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Refit;
using Servo.Application;
using Servo.Application.Portal;
using Servo.Application.Workspaces;

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

        // Only where nobody else knows where the portal is, as the cluster of a pod does.
        services.TryAddSingleton<IPortalDirectory>(provider => new ConfiguredPortal(Options(provider).Portal));

        return services.AddSingleton(provider => Options(provider).Portal.EffectiveMode switch
        {
            PortalMode.Embedded => provider.GetKeyedService<IPortal>(PortalMode.Embedded)
                ?? throw new InvalidOperationException("Servo:Portal:Mode is Embedded, but the simulated cluster is not registered: call AddSimulatedPortal()."),
            _ => new OchothonPortal(provider.GetRequiredService<IOchothonPortal>(), provider.GetRequiredService<IPortalDirectory>(), provider.GetRequiredService<ITemporaryFiles>()),
        });
    }

    private static ServoOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<ServoOptions>>().Value;
}
