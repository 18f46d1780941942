using Servo.Application;
using Servo.Application.Portal;
using Servo.Application.Runs;
using Servo.Infrastructure;
using Servo.WebHost.Answers;
using Servo.WebHost.Connections;
using Servo.WebHost.Endpoints;
using Servo.WebHost.Lifetime;
using Servo.WebHost.Logging;

namespace Servo.WebHost.Configuration;

/// <summary>Puts the web host together.</summary>
internal static class ServoHost
{
    public static void AddServo(this WebApplicationBuilder builder, ServoOptions options)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // The upload's own limit counts the archive's bytes as they arrive (Servo:Uploads:MaxBytes).
            kestrel.Limits.MaxRequestBodySize = null;
            UnreadableRequests.Prepare(kestrel);
        });

        // Waiting for data before a buffer is taken costs a system call for every 4 KiB of an upload, to save 4 KiB for each idle connection.
        builder.WebHost.UseSockets(sockets => sockets.WaitForDataBeforeAllocatingBuffer = false);

        builder.Logging.AddVisibleConsole();

        var services = builder.Services;
        services.AddProblemDetails();
        services.AddExceptionHandler<FaultHandler>();
        services.AddStatusRefusals();

        services.AddApplication();
        services.AddSingleton<ICallbackAddress, BoundCallbackAddress>();
        services.AddSingleton<IPortalSocket, PortalSocketPath>();
        services.AddInfrastructure(options);

        services.AddSingleton<RunAnswers>();
        services.AddSingleton<RunEndpoint>();
        services.AddSingleton<CallbackEndpoint>();
        services.AddHostedService<GracefulStop>();
        services.AddHostedService<InterpreterWarmUp>();
        services.AddHostedService<PortalSocket>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = GracefulStop.Longest);
    }

    public static void MapServo(this WebApplication app)
    {
        UnreadableRequests.Observe(app.Services);
        app.UseExceptionHandler();

        app.MapPost("/run/{scripts}", (RunEndpoint endpoint, HttpContext context) => endpoint.HandleAsync(context));
        app.MapPost("/callback/{token}/{tag?}", (CallbackEndpoint endpoint, HttpContext context, string token, string? tag) => endpoint.HandleAsync(context, token, tag));
        app.MapGet("/health", () => TypedResults.Ok(new { status = "alive" }));
        app.MapGet("/ready", ReadyEndpoint.HandleAsync);
    }
}
