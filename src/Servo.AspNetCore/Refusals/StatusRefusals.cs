using Microsoft.AspNetCore.HostFiltering;

namespace Servo.AspNetCore.Refusals;

/// <summary>
/// Gives words to every refusal of the framework in the gateway's pipeline, also of what the framework puts before it, such as <c>AllowedHosts</c>.
/// </summary>
internal sealed class StatusRefusals : IStartupFilter
{
    private const string Addresses =
        "Runs are posted to /run/{scripts}, callbacks to /callback/{token} or /callback/{token}/{tag}; /health and /ready tell how the gateway is.";

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.UseStatusCodePages(context => StatusRefusal.Of(context.HttpContext, Addresses).ExecuteAsync(context.HttpContext));
        next(app);
    };
}

/// <summary>Registers <see cref="StatusRefusals"/>.</summary>
internal static class StatusRefusalsRegistration
{
    public static void AddStatusRefusals(this IServiceCollection services)
    {
        // The first filter is the outermost part of the pipeline.
        services.Insert(0, ServiceDescriptor.Transient<IStartupFilter, StatusRefusals>());
        services.Configure<HostFilteringOptions>(filtering => filtering.IncludeFailureMessage = false);
    }
}
