using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Servo.Application;
using Servo.Application.Pods;
using Servo.Application.Portal;
using Servo.Application.Runs;
using Servo.Infrastructure.Portal;
using Servo.Infrastructure.ZooKeeper;

namespace Servo.Infrastructure.Pods;

/// <summary>Registers what a host needs to be a pod.</summary>
public static class PodDependencyInjection
{
    // As every pod asks for it, so that one that dies vanishes as soon as any other.
    private static readonly TimeSpan _session = TimeSpan.FromSeconds(5);

    /// <summary>Adds the pod's part in its cluster, with ZooKeeper at the environment's servers; a portal that the settings do not name is looked up there.</summary>
    public static IServiceCollection AddPod(this IServiceCollection services, PodEnvironment environment, PodIdentity identity)
    {
        services.AddSingleton(environment);
        services.AddSingleton(identity);
        services.AddSingleton<PodState>();
        services.AddSingleton<PodElection>();
        services.AddSingleton<PodLeader>();
        services.AddSingleton<PodMembership>();
        services.AddSingleton<PortalFollower>();
        services.AddSingleton(provider => new PodLifecycle(
            provider.GetRequiredService<RunDrain>(), provider.GetRequiredService<RunAdmission>(), provider.GetRequiredService<TimeProvider>(), environment.StartsOn));

        services.AddSingleton<IPodClient, PodClient>();
        services.AddZooKeeper(string.Join(',', environment.ZooKeeper), _session);
        services.AddSingleton<IPortalDirectory>(provider => provider.GetRequiredService<IOptions<ServoOptions>>().Value.Portal is { Mode: null, Url: null }
            ? provider.GetRequiredService<PortalFollower>()
            : new ConfiguredPortal(provider.GetRequiredService<IOptions<ServoOptions>>().Value.Portal));

        return services;
    }
}
