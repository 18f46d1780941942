using Microsoft.Extensions.Options;
using Servo.Application;
using Servo.Application.Portal;
using Servo.Application.Settings;
using Servo.AspNetCore.Endpoints;
using Servo.Ochopod.Cluster;
using Servo.Ochopod.Control;
using Servo.Ochopod.Deployment;
using Servo.Ochopod.Tools;
using Servo.Ochopod.ZooKeeper;

namespace Servo.Ochopod;

/// <summary>Makes a gateway a pod of an Ochopod cluster.</summary>
public static class DependencyInjection
{
    // As every pod asks for it, so that one that dies vanishes as soon as any other.
    private static readonly TimeSpan _session = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Adds the pod's part in its cluster, with ZooKeeper at the environment's servers, and its control endpoint; a portal that the settings do
    /// not name is looked up in the cluster. May be called before the gateway, its core and its adapters are added, or after.
    /// </summary>
    public static IServiceCollection AddOchopod(this IServiceCollection services, PodEnvironment environment, PodIdentity identity)
    {
        services.AddSettings<PodOptions>(PodOptions.Section);
        services.Configure<GatewayOptions>(gateway => gateway.Token = environment.Token ?? gateway.Token);

        services.AddSingleton(environment);
        services.AddSingleton(identity);
        services.AddSingleton<IMappedAddress, PodAddressMap>();

        services.AddZooKeeper(string.Join(',', environment.ZooKeeper), _session);
        services.AddSingleton<PodState>();
        services.AddSingleton<PodElection>();
        services.AddSingleton<PodLeader>();
        services.AddSingleton<PodMembership>();
        services.AddSingleton<IPodClient, PodClient>();
        services.AddSingleton<PodLifecycle>();

        services.AddSingleton<PortalFollower>();
        services.AddSingleton(DirectoryInForce);

        services.AddSingleton<PodLog>();
        services.AddSingleton<ILoggerProvider>(provider => provider.GetRequiredService<PodLog>());
        services.AddSingleton<PodInfo>();
        services.AddSingleton<PodTools>();
        services.AddSingleton<IPodTool, RunTool>();
        services.AddSingleton<IPodTool, ShellTool>();

        services.AddHostedService<PodEndpoint>();
        services.AddHostedService<PodMember>();
        return services;
    }

    /// <summary>The settings go before the cluster.</summary>
    private static IPortalDirectory DirectoryInForce(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<PortalOptions>>().Value is { Mode: null, Url: null }
            ? provider.GetRequiredService<PortalFollower>()
            : ActivatorUtilities.CreateInstance<ConfiguredPortal>(provider);
}
