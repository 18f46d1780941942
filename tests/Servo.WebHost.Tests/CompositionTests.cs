using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Servo.Application;
using Servo.Application.Runs;
using Servo.Application.Workspaces;
using Servo.AspNetCore;
using Servo.Testing;

namespace Servo.WebHost.Tests;

public sealed class CompositionTests
{
    [Fact]
    public async Task Everything_that_the_host_needs_is_registered_and_its_directory_goes_with_it()
    {
        using var root = new TempDirectory();
        var builder = WebApplication.CreateBuilder();
        builder.AddServo();
        builder.Services.Configure<GatewayOptions>(gateway => gateway.Token = "t");
        builder.Services.Configure<WorkspaceOptions>(workspace => workspace.Root = root.Path);
        using var state = new TempDirectory();
        builder.Services.Configure<StateOptions>(options => options.Root = state.Path);
        builder.Host.UseServiceProviderFactory(new DefaultServiceProviderFactory(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true }));

        await using (var app = builder.Build())
        {
            app.MapGateway();
            app.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().ShouldNotBeEmpty();
        }

        Directory.GetFileSystemEntries(root.Path).ShouldBeEmpty();
    }
}
