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
using Servo.Domain.Runs;

namespace Servo.Application.Runs;

/// <summary>A run from its upload to its end: the only place that knows the order of the steps.</summary>
public sealed partial class ScriptRun
{
    private readonly IMediator _mediator;
    private readonly UploadPlaces _uploads;
    private readonly RunsInProgress _runs;
    private readonly RunAdmission _admission;
    private readonly RunDrain _drain;
    private readonly ScriptEnvironment _environment;
    private readonly TimeProvider _time;
    private readonly ILogger<ScriptRun> _logger;

    internal ScriptRun(
        IMediator mediator,
        UploadPlaces uploads,
        RunsInProgress runs,
        RunAdmission admission,
        RunDrain drain,
        ScriptEnvironment environment,
        TimeProvider time,
        ILogger<ScriptRun> logger) =>
        (_mediator, _uploads, _runs, _admission, _drain, _environment, _time, _logger) = (mediator, uploads, runs, admission, drain, environment, time, logger);

    /// <summary>
    /// Runs the request and tells <paramref name="output"/> all of it; a refusal means that no run began, and that nothing was told.
    /// <paramref name="uploadAborted"/> ends the upload only: once it is verified the run goes on to its end, or until
    /// <paramref name="cancellation"/> or a drain ends it. The workspace is gone when this returns or throws.
    /// </summary>
    public async Task<Refusal?> ExecuteAsync(RunRequest request, IRunOutput output, RunCancellation cancellation, CancellationToken uploadAborted)
    {
        // An upload that finds no slot now would be in vain.
        if (_admission.Refusal is { } refusal)
            return refusal;

        if (!(await ReceiveAsync(request, uploadAborted)).TryGet(out var upload, out refusal))
            return refusal;

        if (!_admission.Admit().TryGet(out var admitted, out refusal))
        {
            await upload.Workspace.DisposeAsync();
            return refusal;
        }

        using var slot = admitted;
        using var drained = _drain.Watch(cancellation);
        await using var workspace = upload.Workspace;
        await ExecuteAsync(request, upload, output, cancellation);
        return null;
    }

    private Task<Result<VerifiedUpload>> ReceiveAsync(RunRequest request, CancellationToken uploadAborted) => request switch
    {
        SignedRunRequest signed => ReceiveAsync(signed, uploadAborted),
        TrustedRunRequest trusted => _mediator.Send(new AdoptArchive(trusted.ArchivePath), uploadAborted),
        _ => throw new ArgumentException($"{request.GetType().Name} says nothing of an archive.", nameof(request)),
    };

    private async Task<Result<VerifiedUpload>> ReceiveAsync(SignedRunRequest request, CancellationToken uploadAborted)
    {
        var closing = _admission.Closing;
        using var aborted = CancellationTokenSource.CreateLinkedTokenSource(uploadAborted, closing);

        try
        {
            return await _uploads.ReceiveAsync(
                request.Body.Sender,
                request.Body.Content,
                (content, lost) => _mediator.Send(new VerifyUpload(request.Body with { Content = content }, request.Signature), lost),
                aborted.Token);
        }
        catch (Exception e) when (
            closing.IsCancellationRequested && !uploadAborted.IsCancellationRequested && (e is OperationCanceledException or IOException))
        {
            return _admission.Refusal ?? new Refusal.UploadDisplaced();
        }
    }

    private async Task ExecuteAsync(RunRequest request, VerifiedUpload upload, IRunOutput output, RunCancellation cancellation)
    {
        var id = RunId.New(_time.GetUtcNow());
        using var run = _runs.Begin(id, upload.Workspace, request.Scripts);
        using var scope = Log.Run(_logger, id);
        using var span = StepTelemetry.Source.StartActivity("Run")?.SetTag("servo.run.id", id.ToString());
        var start = _time.GetTimestamp();
        var journal = new RunJournal(Run.Accept(id, request.Scripts, _time.GetUtcNow()), output, _time);

        // A host that is killed in the middle of a run leaves this line alone of it.
        Log.Began(_logger, id, request.Scripts.ToString(), upload.Bytes, request.Caller);
        await journal.QueuedAsync();
        await journal.CompletedAsync(await StepsAsync(request, upload, run, journal, cancellation));

        var outcome = journal.Run.Failure?.Kind ?? "succeeded";
        Log.Ended(_logger, id, request.Scripts.ToString(), outcome, _time.GetElapsedTime(start).TotalSeconds, upload.Bytes, request.Caller);
    }

    private async Task<RunFailure?> StepsAsync(RunRequest request, VerifiedUpload upload, RunInProgress run, RunJournal journal, RunCancellation cancellation)
    {
        var stopping = cancellation.Token;

        try
        {
            using var slot = await _admission.WaitForSlotAsync(stopping);
            journal.Started();
            run.Workspace.Open();
            var logged = _environment.LoggedVariables(request.Variables, run);

            foreach (var (name, value) in logged)
                await journal.WriteGatewayLineAsync($"${name} = {value}");

            if (!(await _mediator.Send(new UnpackArchive(upload), stopping)).TryGet(out var archive, out var failure))
                return failure;

            if (!(await _mediator.Send(new DecryptSecrets(archive, journal), stopping)).TryGet(out var bundle, out failure))
                return failure;

            run.Callbacks.LetIn();

            var environment = _environment.ProcessEnvironment(logged, run);
            return (await _mediator.Send(new ExecuteScripts(bundle, request.Scripts, environment, run.Callbacks, journal, cancellation), stopping)).Failure;
        }
        catch (OperationCanceledException) when (cancellation.Reason is not null)
        {
            return cancellation.Reason.In(request.Scripts[0]);
        }
        catch (Exception e)
        {
            // What the run has said so far must reach its caller all the same; the cause is for the operator.
            Log.Faulted(_logger, run.Id, e);
            return new RunFailure.GatewayFault(e is InterpreterException ? e.Message : $"the gateway failed; its log has the cause under run {run.Id}");
        }
    }

    private static partial class Log
    {
        private static readonly Func<ILogger, RunId, IDisposable?> _run = LoggerMessage.DefineScope<RunId>("run {RunId}");

        public static IDisposable? Run(ILogger logger, RunId runId) => _run(logger, runId);

        [LoggerMessage(1, LogLevel.Information, "Run {RunId} of {Scripts} {Outcome} after {Seconds:0.000} s ({UploadBytes} bytes uploaded by {Caller})")]
        public static partial void Ended(ILogger logger, RunId runId, string scripts, string outcome, double seconds, long uploadBytes, string caller);

        [LoggerMessage(3, LogLevel.Information, "Run {RunId} of {Scripts} began ({UploadBytes} bytes uploaded by {Caller})")]
        public static partial void Began(ILogger logger, RunId runId, string scripts, long uploadBytes, string caller);

        [LoggerMessage(2, LogLevel.Error, "Run {RunId} failed because the gateway did")]
        public static partial void Faulted(ILogger logger, RunId runId, Exception exception);
    }
}
