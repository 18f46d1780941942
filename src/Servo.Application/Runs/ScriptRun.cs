using MediatR;
using Microsoft.Extensions.Logging;
using Servo.Application.Archives;
using Servo.Application.Callbacks;
using Servo.Application.Logs;
using Servo.Application.Messaging;
using Servo.Application.Scripts;
using Servo.Application.Secrets;
using Servo.Application.Uploads;
using Servo.Domain;

namespace Servo.Application.Runs;

/// <summary>A run from its upload to its end: the only place that knows the order of the steps.</summary>
public sealed partial class ScriptRun
{
    private readonly IMediator _mediator;
    private readonly UploadPlaces _uploads;
    private readonly RunsInProgress _runs;
    private readonly RunAdmission _admission;
    private readonly ScriptEnvironment _environment;
    private readonly TimeProvider _time;
    private readonly ILogger<ScriptRun> _logger;

    internal ScriptRun(IMediator mediator, UploadPlaces uploads, RunsInProgress runs, RunAdmission admission, ScriptEnvironment environment, TimeProvider time, ILogger<ScriptRun> logger) =>
        (_mediator, _uploads, _runs, _admission, _environment, _time, _logger) = (mediator, uploads, runs, admission, environment, time, logger);

    /// <summary>
    /// Runs the request. A rejection means that no run began. <paramref name="uploadAborted"/> ends the upload only: once it is verified the run
    /// goes on to its end, or until <paramref name="stopping"/>. The workspace is gone when this returns or throws.
    /// </summary>
    public Task<Result<RunReport>> ExecuteAsync(RunRequest request, IRunOutput output, CancellationToken uploadAborted, CancellationToken stopping) =>
        ExecuteAsync(new Order(request.Scripts, request.Variables, request.Caller), () => ReceiveAsync(request, uploadAborted), output, stopping);

    /// <summary>
    /// Runs the request, whose archive is taken without a look at its bytes. A rejection means that no run began. The run goes on
    /// to its end, or until <paramref name="stopping"/>. The workspace is gone when this returns or throws.
    /// </summary>
    public Task<Result<RunReport>> ExecuteAsync(TrustedRunRequest request, IRunOutput output, CancellationToken stopping) =>
        ExecuteAsync(
            new Order(request.Scripts, request.Variables, request.Caller),
            () => _mediator.Send(new AdoptArchive(request.ArchivePath), stopping),
            output,
            stopping);

    private async Task<Result<RunReport>> ExecuteAsync(Order order, Func<Task<Result<VerifiedUpload>>> receive, IRunOutput output, CancellationToken stopping)
    {
        // An upload that finds no slot now would be in vain.
        if (_admission.Refusal is { } refusal)
            return refusal;

        if (!(await receive()).TryGet(out var upload, out refusal))
            return refusal;

        if (!_admission.Admit().TryGet(out var admitted, out refusal))
        {
            await upload.Workspace.DisposeAsync();
            return refusal;
        }

        using var slot = admitted;
        await using var workspace = upload.Workspace;
        using var run = _runs.Begin(Guid.CreateVersion7().ToString("N"), workspace, order.Scripts);
        using var scope = Log.Run(_logger, run.Id);
        using var span = StepTelemetry.Source.StartActivity("Run")?.SetTag("servo.run.id", run.Id);
        var start = _time.GetTimestamp();

        // A host that is killed in the middle of a run leaves this line alone of it.
        Log.Began(_logger, run.Id, order.Scripts.ToString(), upload.Bytes, order.Caller);
        await output.StartedAsync(run.Id);
        var failure = await StepsAsync(order, upload, run, output, stopping);

        if (failure is not null)
            await output.WriteGatewayLineAsync($"failure ({failure.Detail})");

        var seconds = _time.GetElapsedTime(start).TotalSeconds;
        Log.Ended(_logger, run.Id, order.Scripts.ToString(), failure?.Kind ?? "succeeded", seconds, upload.Bytes, order.Caller);
        return new RunReport(run.Id, failure);
    }

    private async Task<Result<VerifiedUpload>> ReceiveAsync(RunRequest request, CancellationToken uploadAborted)
    {
        var closing = _admission.Closing;
        using var aborted = CancellationTokenSource.CreateLinkedTokenSource(uploadAborted, closing);

        try
        {
            return await _uploads.ReceiveAsync(request.Body.Sender, request.Body.Content,
                (content, lost) => _mediator.Send(new VerifyUpload(request.Body with { Content = content }, request.Signature), lost), aborted.Token);
        }
        catch (Exception e) when (
            closing.IsCancellationRequested && !uploadAborted.IsCancellationRequested && (e is OperationCanceledException or IOException))
        {
            return _admission.Refusal ?? new Rejection.UploadDisplaced();
        }
    }

    private async Task<Rejection?> StepsAsync(Order order, VerifiedUpload upload, RunInProgress run, IRunOutput output, CancellationToken stopping)
    {
        try
        {
            using var slot = await _admission.WaitForSlotAsync(stopping);
            run.Workspace.Open();
            var logged = _environment.LoggedVariables(order.Variables, run);

            foreach (var (name, value) in logged)
                await output.WriteGatewayLineAsync($"${name} = {value}");

            var unpacked = await _mediator.Send(new UnpackArchive(upload), stopping);
            if (!unpacked.TryGet(out var archive, out var failure))
                return failure;

            var decrypted = await _mediator.Send(new DecryptSecrets(archive, output), stopping);
            if (!decrypted.TryGet(out var bundle, out failure))
                return failure;

            run.Callbacks.LetIn();

            var environment = _environment.ProcessEnvironment(logged, run);
            var executed = await _mediator.Send(new ExecuteScripts(bundle, order.Scripts, environment, run.Callbacks, output), stopping);
            return executed.Rejection;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return new Rejection.Cancelled((_admission.Refusal as Rejection.Closed ?? new Rejection.ShuttingDown()).WhyEnded);
        }
        catch (Exception e)
        {
            // What the run has said so far must reach its caller all the same; the cause is for the operator.
            Log.Faulted(_logger, run.Id, e);
            return new Rejection.GatewayFault(e is InterpreterException ? e.Message : $"the gateway failed; its log has the cause under run {run.Id}");
        }
    }

    /// <summary>What is to run, wherever its archive comes from.</summary>
    private sealed record Order(ScriptList Scripts, RunVariables Variables, string Caller);

    private static partial class Log
    {
        private static readonly Func<ILogger, string, IDisposable?> _run = LoggerMessage.DefineScope<string>("run {RunId}");

        public static IDisposable? Run(ILogger logger, string runId) => _run(logger, runId);

        [LoggerMessage(1, LogLevel.Information, "Run {RunId} of {Scripts} {Outcome} after {Seconds:0.000} s ({UploadBytes} bytes uploaded by {Caller})")]
        public static partial void Ended(ILogger logger, string runId, string scripts, string outcome, double seconds, long uploadBytes, string caller);

        [LoggerMessage(3, LogLevel.Information, "Run {RunId} of {Scripts} began ({UploadBytes} bytes uploaded by {Caller})")]
        public static partial void Began(ILogger logger, string runId, string scripts, long uploadBytes, string caller);

        [LoggerMessage(2, LogLevel.Error, "Run {RunId} failed because the gateway did")]
        public static partial void Faulted(ILogger logger, string runId, Exception exception);
    }
}
