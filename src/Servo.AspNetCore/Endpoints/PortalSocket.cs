using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using MediatR;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Servo.Application.Callbacks;
using Servo.Application.Portal;
using Servo.AspNetCore.Connections;
using Servo.AspNetCore.Refusals;
using Servo.Domain;
using Servo.Domain.Runs;

namespace Servo.AspNetCore.Endpoints;

/// <summary>
/// A server of its own on a Unix socket, so that nothing of it can be reached over the network: speaks the portal's protocol with the scripts of runs
/// in progress and forwards their commands. The run's token opens it, as a bearer token (RFC 6750).
/// </summary>
internal sealed partial class PortalSocket(
    IPortalSocket socket, RunsInProgress runs, IMediator mediator, DescriptorBudget descriptors, TimeProvider time, ILoggerFactory loggers)
    : IHostedService, IAsyncDisposable
{
    private const UnixFileMode Everybody = UnixFileMode.UserRead | UnixFileMode.UserWrite
        | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private readonly ILogger _logger = loggers.CreateLogger<PortalSocket>();
    private readonly ConditionalWeakTable<RunInProgress, SemaphoreSlim> _commandsOf = [];
    private readonly ConnectionPlaces _connections = new(
        descriptors.ScriptConnections, "the scripts' socket", ScriptSession.Of, time, loggers.CreateLogger<ConnectionPlaces>());
    private WebApplication? _app;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (socket.Path is not { } path)
            return;

        _app = SideServer.Create(loggers, _connections, kestrel =>
        {
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.ListenUnixSocket(path);
        });
        _app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = FailAsync });
        _app.UseStatusCodePages(context => StatusRefusal.Of(context.HttpContext, "Commands are posted to /shell.").ExecuteAsync(context.HttpContext));
        _app.MapPost("/shell", ForwardAsync);
        await _app.StartAsync(cancellationToken);

        // Scripts may have users of their own. Who cannot pass to the folder does not reach it, and the token is asked for of all.
        File.SetUnixFileMode(path, Everybody);
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _ = _connections.CloseOthersAsync();
        return _app?.StopAsync(cancellationToken) ?? Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => _app?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task ForwardAsync(HttpContext context)
    {
        if (BearerToken(context.Request) is not { } token || runs.ByPortalToken(token) is not { } run)
        {
            await new RefusalResult(StatusCodes.Status401Unauthorized, "unknown-run",
                "No run in progress has this token. Send 'Authorization: Bearer $SERVO_RUN_TOKEN'.").ExecuteAsync(context);
            return;
        }

        using var abandoned = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, run.Ended);

        // A command takes up to three descriptors: a run that sends many at once waits for its own, and takes none of the others'.
        var commands = _commandsOf.GetValue(run, _ => new SemaphoreSlim(descriptors.CommandsOfRun));
        await commands.WaitAsync(abandoned.Token);

        try
        {
            ConnectionPlaces.Keep(context, ConnectionHold.Run);
            await ForwardAsync(context, run, abandoned);
        }
        finally
        {
            commands.Release();
        }
    }

    private async Task ForwardAsync(HttpContext context, RunInProgress run, CancellationTokenSource abandoned)
    {
        if (!PortalCommandLine.Parse(context.Request.Headers["X-Shell"].ToString()).TryGet(out var line, out var refusal))
        {
            await RefuseAsync(context, run, refusal);
            return;
        }

        Log.Forwarding(_logger, run.Id, line);
        var forwarded = await mediator.Send(new ForwardCommand(run.Id, Command(line, context)), abandoned.Token);

        if (!forwarded.TryGet(out var answer, out refusal))
        {
            await RefuseAsync(context, run, refusal);
            return;
        }

        await using (answer)
            await PassOnAsync(answer, context, abandoned.Token);
    }

    private Task RefuseAsync(HttpContext context, RunInProgress run, Refusal refusal)
    {
        Log.NotForwarded(_logger, run.Id, refusal.Kind, refusal.Detail);
        return RefusalStatus.From(refusal).ExecuteAsync(context);
    }

    private async Task FailAsync(HttpContext context) =>
        await new FaultHandler(loggers.CreateLogger<FaultHandler>())
            .TryHandleAsync(context, context.Features.GetRequiredFeature<IExceptionHandlerFeature>().Error, context.RequestAborted);

    private static PortalCommand Command(PortalCommandLine line, HttpContext context)
    {
        var request = context.Request;
        var hasFiles = request.ContentType is not null && context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true };

        return hasFiles ? new PortalCommand(line, request.Body, request.ContentType, request.ContentLength) : new PortalCommand(line);
    }

    private static async Task PassOnAsync(PortalAnswer answer, HttpContext context, CancellationToken cancellationToken)
    {
        context.Response.ContentType = answer.ContentType;

        try
        {
            await answer.Content.CopyToAsync(context.Response.Body, cancellationToken);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The status has gone out already: only a connection that breaks off tells the script that the answer did.
            context.Abort();
        }
    }

    private static string? BearerToken(HttpRequest request) =>
        AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header) && header.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase)
            ? header.Parameter
            : null;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Run {RunId} sends the portal: {Command}")]
        public static partial void Forwarding(ILogger logger, RunId runId, PortalCommandLine command);

        [LoggerMessage(2, LogLevel.Warning, "Run {RunId} got no answer of the portal ({Kind}): {Detail}")]
        public static partial void NotForwarded(ILogger logger, RunId runId, string kind, string detail);
    }
}
