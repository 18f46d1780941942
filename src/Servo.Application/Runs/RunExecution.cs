using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Servo.Application.Callbacks;
using Servo.Application.Logs;
using Servo.Application.Messaging;
using Servo.Application.Scripts;
using Servo.Application.Uploads;
using Servo.Application.Workspaces;
using Servo.Domain.Runs;

namespace Servo.Application.Runs;

/// <summary>Executes a run that this host has claimed, from its start to the moment at which its end is kept.</summary>
public sealed partial class RunExecution(
    RunPipeline pipeline,
    IRunStore store,
    IRunLog log,
    IRunSignals signals,
    LiveRuns live,
    RunsInProgress tokens,
    RunDrain drain,
    IOptions<LogOptions> options,
    TimeProvider time,
    ILogger<RunExecution> logger)
{
    private static readonly TimeSpan _retryDelay = TimeSpan.FromSeconds(1);

    /// <summary>After so many tries those who wait for the run are told its end, though it is not kept yet.</summary>
    private const int TriesUnseen = 3;

    /// <summary>
    /// Executes the run in the upload's workspace and deletes that; <paramref name="ended"/> is called once its end is kept, before anybody is told.
    /// Throws nothing: what goes wrong is the run's end, or in the log.
    /// </summary>
    public async Task ExecuteAsync(RunClaim claim, LiveRun run, VerifiedUpload upload, Action ended)
    {
        var order = run.Run.Order;

        // Started by its acceptance already, or now, while the archive is unpacked: the scripts wait for it, nothing else does.
        var started = run.Run.Started ?? run.Run.Start(time.GetUtcNow()).Started!.Value;
        var clock = new RunTime(time, started);
        var starting = run.Run.State == RunState.Running ? Task.FromResult(true) : StartAsync(claim, run, started);

        using var drained = drain.Watch(run.Cancellation);
        using var scope = Log.Run(logger, claim.Run);
        using var span = StepTelemetry.Source.StartActivity("Run")?.SetTag("servo.run.id", claim.Run.ToString());
        var writer = new RunLogWriter(log, signals, claim, options.Value.MaxBytes, clock, logger);

        // A host that is killed in the middle of a run leaves this line alone of it.
        Log.Began(logger, claim.Run, order.Scripts.ToString(), upload.Bytes, order.Caller);

        RunFailure? failure;

        using (var open = tokens.Begin(claim.Run, upload.Workspace, order.Scripts))
            failure = await StepsAsync(claim, run, upload, open, new RunJournal(run, writer, starting), starting);

        var hasStarted = await HasStartedAsync(starting);

        if (hasStarted && failure is not null)
            await writer.WriteGatewayLineAsync($"failure ({failure.Detail})");

        if (hasStarted)
            await writer.CompleteAsync();

        var now = clock.GetUtcNow();
        var outcome = failure is null ? run.Run.Succeed(now) : run.Run.Fail(failure, now);
        var isKept = await FinishAsync(claim, run, outcome, hasStarted ? writer.Bytes : 0, upload.Workspace);
        ended();
        Log.Ended(logger, claim.Run, order.Scripts.ToString(), failure?.Kind ?? "succeeded", (now - started).TotalSeconds, upload.Bytes, order.Caller);

        // Those who are told that the run has ended find nothing of it; what takes long to delete is deleted beside other work.
        await upload.Workspace.DisposeAsync();
        TellEnd(run, isKept ? outcome : null);
    }

    /// <summary>Ends a run that was claimed and for which there is not even a workspace.</summary>
    public async Task FailAsync(RunClaim claim, LiveRun run, Exception cause, Action ended)
    {
        var outcome = run.Run.Fail(FailureOf(claim, cause), time.GetUtcNow());
        var isKept = await FinishAsync(claim, run, outcome, logBytes: 0, workspace: null);
        ended();
        TellEnd(run, isKept ? outcome : null);
    }

    /// <summary>Tells the followers of the run; where its end is not this, they ask the store.</summary>
    private void TellEnd(LiveRun run, Run? outcome)
    {
        run.Run = outcome ?? run.Run;
        live.Remove(run.Run.Id);
        run.TellEnd();
        signals.Tell(run.Run.Id);
    }

    private async Task<RunFailure?> StepsAsync(RunClaim claim, LiveRun run, VerifiedUpload upload, RunInProgress open, RunJournal journal, Task<bool> starting)
    {
        try
        {
            upload.Workspace.Open();
            await journal.WriteAsync(new RunEvent.Started());
            await journal.FlushAsync();
            return await pipeline.ExecuteAsync(run.Run.Order, upload, open, journal, run.Cancellation, starting);
        }
        catch (OperationCanceledException) when (run.Cancellation.Reason is not null)
        {
            return run.Cancellation.Reason.In(run.Run.Order.Scripts[0]);
        }
        catch (ClaimLostException)
        {
            return (run.Cancellation.Reason ?? new CancellationReason.Requested("it was cancelled before it started")).In(run.Run.Order.Scripts[0]);
        }
        catch (Exception e)
        {
            // What the run has said so far must reach its caller all the same.
            return FailureOf(claim, e);
        }
    }

    private async Task<bool> StartAsync(RunClaim claim, LiveRun run, DateTimeOffset now)
    {
        if (!await store.StartAsync(claim, now))
            return false;

        run.Run = run.Run.Start(now);
        return true;
    }

    /// <summary>Whether the start is kept; why it is not, if not, has ended the run.</summary>
    private static async Task<bool> HasStartedAsync(Task<bool> starting)
    {
        try
        {
            return await starting;
        }
        catch (Exception)
        {
            return false;
        }
    }

    /// <summary>What a caller learns of a fault; the cause is for the operator.</summary>
    private RunFailure FailureOf(RunClaim claim, Exception cause)
    {
        Log.Faulted(logger, claim.Run, cause);

        return DiskSpace.IsLacking(cause) ? new RunFailure.NoSpace()
            : new RunFailure.GatewayFault(cause is InterpreterException ? cause.Message : $"the gateway failed; its log has the cause under run {claim.Run}");
    }

    /// <summary>
    /// Keeps the end, however often that has to be tried, as the store takes the same end twice; <see langword="false"/> where it has
    /// another.
    /// </summary>
    private async Task<bool> FinishAsync(RunClaim claim, LiveRun run, Run outcome, long logBytes, IWorkspace? workspace)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (await store.FinishAsync(claim, outcome, logBytes))
                    return true;

                Log.NotKept(logger, claim.Run, outcome.State);
                return false;
            }
            catch (Exception e)
            {
                Log.NotKeptYet(logger, claim.Run, attempt, e);

                // What it holds may be what the disk lacks.
                if (workspace is not null)
                    await workspace.DisposeAsync();

                if (attempt == TriesUnseen)
                {
                    run.Run = outcome;
                    run.TellEnd();
                    signals.Tell(claim.Run);
                }

                await Task.Delay(_retryDelay, time);
            }
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

        [LoggerMessage(4, LogLevel.Error, "The end of run {RunId} ({State}) is not kept: the store has another")]
        public static partial void NotKept(ILogger logger, RunId runId, RunState state);

        [LoggerMessage(5, LogLevel.Error, "The end of run {RunId} could not be kept (attempt {Attempt}); it is tried again")]
        public static partial void NotKeptYet(ILogger logger, RunId runId, int attempt, Exception exception);
    }
}
