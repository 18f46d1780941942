using Microsoft.AspNetCore.Connections;
using Servo.Application.Callbacks;
using Servo.Application.Uploads;
using Servo.AspNetCore.Answers;
using Servo.AspNetCore.Connections;
using Servo.AspNetCore.Endpoints;
using Servo.AspNetCore.Refusals;

namespace Servo.AspNetCore;

/// <summary>Makes a gateway of an ASP.NET Core host that has the core and its adapters.</summary>
public static class DependencyInjection
{
    /// <summary>Adds the gateway's endpoints, its answers and the limits of its server. May be called before the core is added, or after.</summary>
    public static void AddGateway(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // The upload's own limit counts the archive's bytes as they arrive (UploadOptions.MaxBytes).
            kestrel.Limits.MaxRequestBodySize = null;
            UnreadableRequests.Prepare(kestrel);
            kestrel.Limits.MaxRequestBufferSize = UnfinishedRequest.ReadAhead;
        });

        var services = builder.Services;
        services.AddProblemDetails();
        services.AddExceptionHandler<FaultHandler>();
        services.AddStatusRefusals();
        services.AddConnectionPipeline();

        services.AddSingleton<DescriptorBudget>();
        services.AddSingleton<IUploadCapacity>(provider => provider.GetRequiredService<DescriptorBudget>());
        services.AddSingleton(provider => new ConnectionPlaces(
            provider.GetRequiredService<DescriptorBudget>().Connections,
            "the gateway",
            ConnectionPlaces.AddressOf,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ConnectionPlaces>>()));
        services.AddSingleton<IMemoryPoolFactory<byte>, TransportMemory>();
        services.AddSingleton<IConnectionListenerFactory, LimitedListeners>();
        services.AddSingleton<AnsweredLog>();
        services.AddSingleton<LogText>();
        services.AddSingleton<RunAnswers>();
        services.AddSingleton<RunEndpoint>();
        services.AddSingleton<RunsEndpoints>();
        services.AddSingleton<SignedRequests>();
        services.AddSingleton<CallbackEndpoint>();
        services.AddSingleton<ICallbackAddress, BoundCallbackAddress>();
        services.AddHostedService<DescriptorWarning>();
        services.AddHostedService<RunWorkerService>();
        services.AddHostedService<RunRetentionService>();
        services.AddHostedService<PortalSocket>();
    }

    /// <summary>Puts the gateway's endpoints, and what stands before them, into the pipeline.</summary>
    public static void MapGateway(this WebApplication app)
    {
        UnreadableRequests.Observe(app.Services);
        app.UseExceptionHandler();

        // Plain delegates take the whole request: handlers with parameters are compiled anew at each start, by the first request.
        app.MapPost("/run/{scripts}", context => context.RequestServices.GetRequiredService<RunEndpoint>().HandleAsync(context));
        RunsEndpoints.Map(app);
        app.MapPost("/callback/{token}/{tag?}", context => context.RequestServices.GetRequiredService<CallbackEndpoint>().HandleAsync(context));
        app.MapGet("/health", context => TypedResults.Ok(new { status = "alive" }).ExecuteAsync(context));
        app.MapGet("/ready", ReadyEndpoint.HandleAsync);
    }
}
