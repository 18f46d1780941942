using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Servo.AspNetCore.Connections;

namespace Servo.AspNetCore.Endpoints;

/// <summary>A server of its own beside the gateway's, with nothing of the gateway's routes; it ends when its owner ends it.</summary>
internal static class SideServer
{
    public static WebApplication Create(ILoggerFactory loggers, ConnectionPlaces connections, Action<KestrelServerOptions> configure)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, LifetimeOfItsOwner>();
        builder.Services.AddRoutingCore();
        builder.Services.AddProblemDetails();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.RequestHeaderEncodingSelector = _ => System.Text.Encoding.UTF8;
            UnreadableRequests.Prepare(kestrel);
            kestrel.Limits.MaxRequestBufferSize = UnfinishedRequest.ReadAhead;
            configure(kestrel);
        });
        builder.Services.AddSingleton(connections);
        builder.Services.AddSingleton<IConnectionListenerFactory, LimitedListeners>();

        var app = builder.Build();
        UnreadableRequests.Observe(app.Services);
        ConnectionPipeline.Begin(app);
        return app;
    }

    /// <summary>Leaves signals to the host: the server must stay open for runs that are let finish.</summary>
    private sealed class LifetimeOfItsOwner : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
