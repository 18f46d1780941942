using Microsoft.Extensions.DependencyInjection;
using Servo.Application;
using Servo.Application.Portal;
using Servo.Infrastructure;

namespace Servo.Simulation.Tests;

public sealed class SelectionTests
{
    [Theory]
    [InlineData(null, true)]
    [InlineData(null, false)]
    [InlineData("http://127.0.0.1:9000", true)]
    [InlineData("http://127.0.0.1:9000", false)]
    public async Task Is_the_portal_of_the_mode_Embedded_whichever_is_registered_first(string? url, bool isFirst)
    {
        await using var provider = Provide(PortalMode.Embedded, url, isFirst);

        provider.GetRequiredService<IPortal>().ShouldBeOfType<SimulatedPortal>();
        provider.GetRequiredService<IPortal>().ShouldBeSameAs(provider.GetRequiredService<IPortal>());
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(PortalMode.None, null)]
    [InlineData(PortalMode.Ochothon, "http://127.0.0.1:9000")]
    public async Task Is_the_portal_of_no_other_mode(PortalMode? mode, string? url)
    {
        await using var provider = Provide(mode, url, isFirst: true);

        provider.GetRequiredService<IPortal>().ShouldNotBeOfType<SimulatedPortal>();
    }

    private static ServiceProvider Provide(PortalMode? mode, string? url, bool isFirst)
    {
        var services = new ServiceCollection();
        services.Configure<PortalOptions>(portal => (portal.Mode, portal.Url) = (mode, url is null ? null : new Uri(url)));

        if (isFirst)
            services.AddSimulatedPortal();

        services.AddApplication().AddInfrastructure();

        if (!isFirst)
            services.AddSimulatedPortal();

        return services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
    }
}
