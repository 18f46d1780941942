using Microsoft.Extensions.DependencyInjection;
using Servo.Application.Portal;
using Servo.Application.Workspaces;
using Servo.Domain;
using Servo.Infrastructure.Portal;
using Servo.Infrastructure.Workspaces;

namespace Servo.Infrastructure.Tests.Portal;

/// <summary>Portals as the host registers them, and shorthands for what tests ask of them.</summary>
internal static class Portals
{
    public static ServiceProvider Provide(Action<PortalOptions> configure, Action<IServiceCollection>? more = null)
    {
        var services = new ServiceCollection();
        services.AddOptions<PortalOptions>().Configure(configure);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<IPortalDirectory, ConfiguredPortal>();
        services.AddSingleton<RuntimeDirectory>();
        services.AddSingleton<ITemporaryFiles, TemporaryFiles>();
        services.AddPortal();
        more?.Invoke(services);

        return services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
    }

    public static ServiceProvider ProvideFor(Uri url, string token = "", string? root = null) => Provide(
        options => (options.Url, options.Token) = (url, token),
        services => services.Configure<WorkspaceOptions>(workspace => workspace.Root = root ?? workspace.Root));

    public static IPortal Portal(this ServiceProvider provider) => provider.GetRequiredService<IPortal>();

    public static async Task<Refusal> RefusalOfAsync(this IPortal portal, PortalCommand command)
    {
        var result = await portal.SendAsync(command, TestContext.Current.CancellationToken);
        return result.Refusal.ShouldNotBeNull();
    }
}
