using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Servo.Application;
using Servo.Application.Callbacks;
using Servo.Application.Portal;
using Servo.Application.Workspaces;
using Servo.AspNetCore;
using Servo.AspNetCore.Endpoints;
using Servo.Infrastructure;
using Servo.Ochopod.Cluster;
using Servo.Ochopod.Deployment;
using Servo.Testing;

namespace Servo.Ochopod.Tests;

/// <summary>A pod in a host of one's own.</summary>
public sealed class CompositionTests
{
    [Theory]
    [InlineData(true, null)]
    [InlineData(false, null)]
    [InlineData(true, "http://127.0.0.1:9000")]
    [InlineData(false, "http://127.0.0.1:9000")]
    public async Task The_order_in_which_a_pod_and_its_gateway_are_added_does_not_matter(bool podIsFirst, string? portal)
    {
        using var root = new TempDirectory();
        var builder = WebApplication.CreateBuilder();
        builder.Services.Configure<GatewayOptions>(gateway => gateway.Token = "t");
        builder.Services.Configure<WorkspaceOptions>(workspace => workspace.Root = root.Path);
        builder.Services.Configure<PortalOptions>(options => options.Url = portal is null ? null : new Uri(portal));

        if (podIsFirst)
            AddPod(builder.Services);

        builder.AddGateway();
        builder.Services.AddApplication().AddInfrastructure();

        if (!podIsFirst)
            AddPod(builder.Services);

        var checks = new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true };
        builder.Host.UseServiceProviderFactory(new DefaultServiceProviderFactory(checks));

        await using var app = builder.Build();
        app.MapGateway();
        (app.Services.GetRequiredService<IPortalDirectory>() is PortalFollower).ShouldBe(portal is null);
        app.Services.GetRequiredService<ICallbackAddress>().ShouldBeOfType<BoundCallbackAddress>();
        app.Services.GetRequiredService<IMappedAddress>().Of(8080).ShouldBe(new Uri("http://10.0.0.1:31000/"));
    }

    private static void AddPod(IServiceCollection services)
    {
        var environment = PodEnvironment.Read(new Dictionary<string, string> { ["ochopod_local"] = "true" }, _ => null);
        var settings = new Dictionary<string, JsonNode?> { ["ip"] = "10.0.0.1", ["ports"] = new JsonObject { ["8080"] = 31000 } };

        var identity = new PodIdentity(Guid.NewGuid(), "marathon", "servo", settings);
        services.AddOchopod(environment, identity);
    }
}
