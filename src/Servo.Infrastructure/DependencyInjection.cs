using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Servo.Application;
using Servo.Application.Portal;
using Servo.Application.Runs;
using Servo.Application.Scripts;
using Servo.Infrastructure.Portal;
using Servo.Infrastructure.Runs;
using Servo.Infrastructure.Scripts;

namespace Servo.Infrastructure;

/// <summary>Registers the adapters.</summary>
public static class DependencyInjection
{
    /// <summary>Adds an adapter for every port of the core, set up by <paramref name="configure"/>. A host that listens replaces the two addresses.</summary>
    public static IServiceCollection AddInfrastructure(this IServiceCollection services, Action<ServoOptions> configure)
    {
        services.Configure(configure);

        services.AddSingleton<RuntimeDirectory>();
        services.AddSingleton<IWorkspaces, Workspaces>();
        services.AddSingleton<PythonScriptRunner>();
        services.AddSingleton<IScriptRunner>(provider => provider.GetRequiredService<PythonScriptRunner>());

        services.TryAddSingleton<IPortalSocket, NoPortalSocket>();
        services.TryAddSingleton<ICallbackAddress, NoCallbackAddress>();

        return services;
    }
}
