using Servo.Application;
using Servo.Application.Portal;
using Servo.AspNetCore;
using Servo.Infrastructure;
using Servo.Simulation;
using Servo.WebHost.Configuration;
using Servo.WebHost.Lifetime;
using Servo.WebHost.Logging;

namespace Servo.WebHost;

/// <summary>Puts the web host together.</summary>
internal static class ServoHost
{
    public static void AddServo(this WebApplicationBuilder builder, ServoOptions options)
    {
        builder.Logging.AddVisibleConsole();
        builder.AddGateway(options);

        var services = builder.Services;
        services.AddApplication();
        services.AddInfrastructure(options);
        services.AddSimulatedPortal();
        services.AddSingleton<IPortalSocket, PortalSocketPath>();

        services.AddHostedService<GracefulStop>();
        services.AddHostedService<InterpreterWarmUp>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = GracefulStop.Longest);
    }
}
