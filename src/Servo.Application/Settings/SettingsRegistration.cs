using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Servo.Application.Settings;

/// <summary>Registers options classes.</summary>
public static class SettingsRegistration
{
    /// <summary>
    /// Adds the options of a section, which <see cref="IOptions{T}"/> injects and checks. A host that reads a configuration finds the section among
    /// the services. May be called again.
    /// </summary>
    public static IServiceCollection AddSettings<T>(this IServiceCollection services, string section)
        where T : class, new()
    {
        var settings = new SettingsSection<T>(section);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<SettingsSection>(settings));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<T>>(settings));
        services.AddOptions<T>().ValidateOnStart();

        return services;
    }
}
