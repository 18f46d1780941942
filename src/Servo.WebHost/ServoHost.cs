using Microsoft.Extensions.Options;
using Servo.Application;
using Servo.Application.Portal;
using Servo.Application.Runs;
using Servo.Application.Settings;
using Servo.AspNetCore;
using Servo.Infrastructure;
using Servo.Ochopod;
using Servo.Simulation;
using Servo.WebHost.Configuration;
using Servo.WebHost.Lifetime;
using Servo.WebHost.Logging;

namespace Servo.WebHost;

/// <summary>Puts the web host together.</summary>
internal static class ServoHost
{
    public static void AddServo(this WebApplicationBuilder builder)
    {
        builder.Logging.AddVisibleConsole();
        builder.AddGateway();

        var services = builder.Services;
        services.AddApplication();
        services.AddInfrastructure();
        services.AddSimulatedPortal();
        services.AddSingleton<IPortalSocket, PortalSocketPath>();
        services.AddSettings<TokenFileOptions>(TokenFileOptions.Section);

        // Those of a host that is not a pod are read, too: they say whether it is one.
        services.AddSettings<PodOptions>(PodOptions.Section);

        services.AddHostedService<GracefulStop>();
        services.AddHostedService<InterpreterWarmUp>();
        services.AddOptions<HostOptions>().Configure<IOptions<AdmissionOptions>>(
            (host, admission) => host.ShutdownTimeout = GracefulStop.Longest(admission.Value.DrainTimeout));
    }
}
