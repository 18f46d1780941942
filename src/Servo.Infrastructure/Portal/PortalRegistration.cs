using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Refit;
using Servo.Application.Portal;

namespace Servo.Infrastructure.Portal;

internal static class PortalRegistration
{
    /// <summary>Adds the portal of <see cref="PortalMode.Ochothon"/>, and <see cref="IPortal"/> as the one that is registered by the mode in force.</summary>
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

        services.AddKeyedSingleton<IPortal, OchothonPortal>(PortalMode.Ochothon);

        return services.AddSingleton(InForce);
    }

    private static IPortal InForce(IServiceProvider provider)
    {
        var mode = provider.GetRequiredService<IOptions<PortalOptions>>().Value.EffectiveMode;

        // Where the settings name none, the directory knows another one, or says which setting is missing.
        return provider.GetKeyedService<IPortal>(mode == PortalMode.None ? PortalMode.Ochothon : mode)
            ?? throw new InvalidOperationException(
                $"{PortalOptions.ModeKey} is {mode}, but no portal of that mode is registered: for the simulated cluster, call AddSimulatedPortal().");
    }
}
