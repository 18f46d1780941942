namespace Servo.AspNetCore.Connections;

/// <summary>
/// Puts what accounts for connections and ends requests around everything else, also around what writes a refusal last: the rest of a body is read once the
/// answer is written, and not before.
/// </summary>
internal sealed class ConnectionPipeline : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        Begin(app);
        next(app);
    };

    /// <summary>Adds it to a pipeline that is empty so far.</summary>
    public static void Begin(IApplicationBuilder app)
    {
        app.Use(ConnectionPlaces.ServeAsync);
        app.Use(UnfinishedRequest.EndAsync);
    }
}

/// <summary>Registers <see cref="ConnectionPipeline"/>.</summary>
internal static class ConnectionPipelineRegistration
{
    /// <summary>The first filter is the outermost part of the pipeline: to be called after all others are registered.</summary>
    public static void AddConnectionPipeline(this IServiceCollection services) =>
        services.Insert(0, ServiceDescriptor.Transient<IStartupFilter, ConnectionPipeline>());
}
