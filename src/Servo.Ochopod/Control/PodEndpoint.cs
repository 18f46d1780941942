using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Diagnostics;
using Servo.AspNetCore.Connections;
using Servo.AspNetCore.Endpoints;
using Servo.AspNetCore.Refusals;
using Servo.Ochopod.Cluster;
using Servo.Ochopod.Deployment;
using Servo.Ochopod.Tools;

namespace Servo.Ochopod.Control;

/// <summary>
/// The control endpoint of a pod, a server of its own on the pod's control port: what the portal's tools and the cluster's leader ask. Whoever reaches it
/// can read the servo token and turn the pod off, as with every pod, so the port belongs into the cluster alone.
/// </summary>
internal sealed partial class PodEndpoint(
    PodEnvironment environment, PodInfo info, PodLog log, PodLifecycle lifecycle, PodMembership membership, PodTools tools,
    DescriptorBudget descriptors, TimeProvider time, ILoggerFactory loggers)
    : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan _longest = TimeSpan.FromHours(1);

    private readonly ILogger _logger = loggers.CreateLogger<PodEndpoint>();
    private readonly ConnectionPlaces _connections = new(
        descriptors.SideConnections, "the pod's control port", ConnectionPlaces.AddressOf, time, loggers.CreateLogger<ConnectionPlaces>());
    private WebApplication? _app;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _app = SideServer.Create(loggers, _connections, kestrel =>
        {
            if (environment.IsLocal)
                kestrel.ListenLocalhost(environment.ControlPort);
            else
                kestrel.ListenAnyIP(environment.ControlPort);
        });
        _app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = FailAsync });
        _app.UseStatusCodePages(context => RefuseAsync(context.HttpContext));

        _app.MapPost("/info", (HttpContext context) => ToolReply.WriteAsync(context, info.ToJson()));
        _app.MapPost("/log", (HttpContext context) => ToolReply.WriteAsync(context, new JsonArray([.. log.Lines.Select(line => JsonValue.Create(line))])));
        _app.MapPost("/reset", ResetAsync);
        _app.MapPost("/exec", tools.ExecuteAsync);
        _app.MapPost("/control/{task}/{seconds?}", ControlAsync);
        await _app.StartAsync(cancellationToken);
        Log.Listening(_logger, environment.ControlPort);
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _ = _connections.CloseOthersAsync();
        return _app?.StopAsync(cancellationToken) ?? Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => _app?.DisposeAsync() ?? ValueTask.CompletedTask;

    private Task ResetAsync(HttpContext context)
    {
        membership.Reset();
        return EmptyAsync(context);
    }

    private async Task ControlAsync(HttpContext context, string task, string? seconds)
    {
        if (!TryReadLimit(seconds, out var limit))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        var payload = await ReadPayloadAsync(context);
        var result = await lifecycle.ControlAsync(task, payload, limit);
        Log.Controlled(_logger, task, result);
        context.Response.StatusCode = result.ToStatus();
        await EmptyAsync(context);
    }

    private static bool TryReadLimit(string? seconds, out TimeSpan limit)
    {
        var isNumber = int.TryParse(seconds ?? "60", NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        limit = isNumber && number < _longest.TotalSeconds ? TimeSpan.FromSeconds(number) : _longest;
        return isNumber;
    }

    /// <summary>The body; what is no JSON object counts as none, as in the original.</summary>
    private static async Task<JsonObject?> ReadPayloadAsync(HttpContext context)
    {
        try
        {
            return await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private Task FailAsync(HttpContext context)
    {
        var error = context.Features.Get<IExceptionHandlerFeature>()?.Error;

        if (error is not null && UnreadableBody.In(error) is { } bad)
        {
            context.Response.StatusCode = bad.StatusCode;
            return RefuseAsync(context);
        }

        if (error is not null)
            Log.Failed(_logger, context.Request.Path, error);

        return EmptyAsync(context);
    }

    private Task RefuseAsync(HttpContext context)
    {
        Log.Refused(_logger, context.Request.Method, context.Request.Path, Caller.Of(context), context.Response.StatusCode);
        return EmptyAsync(context);
    }

    private static Task EmptyAsync(HttpContext context) => ToolReply.WriteAsync(context, new JsonObject());

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The pod's control endpoint listens on port {Port}")]
        public static partial void Listening(ILogger logger, int port);

        [LoggerMessage(2, LogLevel.Information, "The pod was told to {Task}: {Result}")]
        public static partial void Controlled(ILogger logger, string task, ControlResult result);

        [LoggerMessage(3, LogLevel.Error, "A request to {Path} failed")]
        public static partial void Failed(ILogger logger, string path, Exception exception);

        [LoggerMessage(4, LogLevel.Warning, "Refused {Method} {Path} of {Caller} with {Status}")]
        public static partial void Refused(ILogger logger, string method, string path, string caller, int status);
    }
}
