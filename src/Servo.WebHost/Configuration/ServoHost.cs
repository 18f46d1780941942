using Microsoft.AspNetCore.Connections;
using Servo.Application;
using Servo.Application.Portal;
using Servo.Application.Runs;
using Servo.Infrastructure;
using Servo.Simulation;
using Servo.WebHost.Answers;
using Servo.WebHost.Connections;
using Servo.WebHost.Endpoints;
using Servo.WebHost.Lifetime;
using Servo.WebHost.Logging;

namespace Servo.WebHost.Configuration;

/// <summary>Puts the web host together.</summary>
internal static class ServoHost
{
    /// <summary>Answers of full length that are kept on disk while their callers take them; of shorter ones there may be more.</summary>
    private const int FullAnswers = 16;

    public static void AddServo(this WebApplicationBuilder builder, ServoOptions options)
    {
        var descriptors = DescriptorBudget.Of(options);
        options.Uploads.MaxConcurrent = descriptors.Uploads;

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // The upload's own limit counts the archive's bytes as they arrive (Servo:Uploads:MaxBytes).
            kestrel.Limits.MaxRequestBodySize = null;
            UnreadableRequests.Prepare(kestrel);
            kestrel.Limits.MaxRequestBufferSize = UnfinishedRequest.ReadAhead;
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
        services.AddSimulatedPortal();

        services.AddSingleton(descriptors);
        services.AddSingleton(provider => new ConnectionPlaces(descriptors.Connections, "the gateway", ConnectionPlaces.AddressOf,
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ConnectionPlaces>>()));
        services.AddSingleton<IConnectionListenerFactory, LimitedListeners>();
        services.AddSingleton(provider => new PendingAnswers(descriptors.Answers, FullAnswers * Math.Min(options.Output.MaxBytes, long.MaxValue / FullAnswers), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<RunAnswers>();
        services.AddSingleton<RunEndpoint>();
        services.AddSingleton<CallbackEndpoint>();
        services.AddHostedService<GracefulStop>();
        services.AddHostedService<DescriptorWarning>();
        services.AddHostedService<InterpreterWarmUp>();
        services.AddHostedService<PortalSocket>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = GracefulStop.Longest);
    }

    public static void MapServo(this WebApplication app)
    {
        UnreadableRequests.Observe(app.Services);
        app.Use(ConnectionPlaces.ServeAsync);
        app.Use(UnfinishedRequest.EndAsync);
        app.UseExceptionHandler();

        app.MapPost("/run/{scripts}", (RunEndpoint endpoint, HttpContext context) => endpoint.HandleAsync(context));
        app.MapPost("/callback/{token}/{tag?}", (CallbackEndpoint endpoint, HttpContext context, string token, string? tag) => endpoint.HandleAsync(context, token, tag));
        app.MapGet("/health", () => TypedResults.Ok(new { status = "alive" }));
        app.MapGet("/ready", ReadyEndpoint.HandleAsync);
    }
}
