using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Servo.Application.Portal;

namespace Servo.Simulation;

/// <summary>Registers the simulated cluster.</summary>
public static class DependencyInjection
{
    /// <summary>
    /// Adds the portal of <see cref="PortalMode.Embedded"/>, which answers from memory and changes nothing outside of the process.
    /// </summary>
    public static IServiceCollection AddSimulatedPortal(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddKeyedSingleton<IPortal, SimulatedPortal>(PortalMode.Embedded);

        return services;
    }
}
