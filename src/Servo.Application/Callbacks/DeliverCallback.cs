using FluentValidation;
using MediatR;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Servo.Application.Archives;
using Servo.Application.Uploads;
using Servo.Domain;
using Servo.Domain.Runs;

namespace Servo.Application.Callbacks;

/// <summary>Writes what somebody sent to a run's callback address into the run's bundle directory, as one plain file.</summary>
/// <param name="Token">The callback's token, which names the run.</param>
/// <param name="Tag">The name under which the file is to arrive.</param>
/// <param name="Body">What the file is to hold; read once.</param>
/// <param name="Caller">Who sent it, for the log.</param>
/// <param name="Sender">Who sent it, for limits that are per address.</param>
public sealed record DeliverCallback(
    string Token, string Tag, Stream Body, string? Caller = null, UploadSender? Sender = null) : IRequest<Result<DeliveredCallback>>;

/// <summary>A callback that the run's scripts can read under its tag.</summary>
public sealed record DeliveredCallback(RunId RunId, long Bytes);

internal sealed class DeliverCallbackValidator : AbstractValidator<DeliverCallback>
{
    public DeliverCallbackValidator() =>
        RuleFor(callback => callback.Tag).Must(CallbackTag.IsFileName).WithMessage("A callback tag is one plain file name.");
}

internal sealed partial class DeliverCallbackHandler(
    RunsInProgress runs,
    UploadPlaces uploads,
    IOptions<UploadOptions> uploadOptions,
    IOptions<ArchiveOptions> archiveOptions,
    ILogger<DeliverCallbackHandler> logger)
    : IRequestHandler<DeliverCallback, Result<DeliveredCallback>>
{
    public async Task<Result<DeliveredCallback>> Handle(DeliverCallback callback, CancellationToken cancellationToken)
    {
        if (runs.ByCallbackToken(callback.Token) is not { } run)
            return new Refusal.UnknownCallback();

        if (!CallbackTag.Parse(callback.Tag).TryGet(out var tag, out var refused))
            return run.Callbacks.Holds(callback.Tag) ? new Refusal.CallbackTagTaken(callback.Tag) : refused;

        if (run.Callbacks.IsTaken(tag))
            return new Refusal.CallbackTagTaken(tag.Name);

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, run.Ended);
        var arriving = Path.Join(run.Workspace.ScratchDirectory, Guid.NewGuid().ToString("N"));

        try
        {
            var received = await uploads.ReceiveAsync(callback.Sender, callback.Body, (body, lost) => ReceiveAsync(run, body, arriving, lost), ended.Token);

            if (!received.TryGet(out var bytes, out refused))
                return refused;

            await run.Callbacks.BundleReady.WaitAsync(ended.Token);

            // Whole and at once, so that a script that looks for it never reads half of it.
            if (!run.Callbacks.Place(arriving, tag))
                return new Refusal.CallbackTagTaken(tag.Name);

            Log.Delivered(logger, run.Id, tag.Name, bytes, callback.Caller ?? "nobody known");
            return new DeliveredCallback(run.Id, bytes);
        }
        catch (Exception e) when (run.Ended.IsCancellationRequested && (e is OperationCanceledException or IOException))
        {
            return new Refusal.UnknownCallback();
        }
        finally
        {
            Discard(arriving);
        }
    }

    private async Task<Result<long>> ReceiveAsync(RunInProgress run, Stream body, string path, CancellationToken cancellationToken)
    {
        Result<long>? received = null;
        using var share = run.CallbackBytes.Open();

        try
        {
            received = await WriteAsync(body, path, share, cancellationToken);
            return received;
        }
        finally
        {
            if (received is { Refusal: null })
                share.Keep();
            else
                Discard(path);
        }
    }

    private async Task<Result<long>> WriteAsync(Stream body, string path, CallbackBytes.Share share, CancellationToken cancellationToken)
    {
        var limit = uploadOptions.Value.MaxBytes;
        var limitOfAll = archiveOptions.Value.MaxBytes;
        var buffer = new byte[64 * 1024];
        var total = 0L;
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);

        while (await body.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            if ((total += read) > limit)
                return new Refusal.UploadTooLarge(limit, UploadOptions.MaxBytesKey);

            if (share.Take(read) > limitOfAll)
                return new Refusal.CallbacksTooLarge(limitOfAll, ArchiveOptions.MaxBytesKey);

            await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        return total;
    }

    private static void Discard(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The run has ended and taken its workspace along, or takes this along when it ends.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Run {RunId} got the callback {Tag} ({Bytes} bytes) from {Caller}")]
        public static partial void Delivered(ILogger logger, RunId runId, string tag, long bytes, string caller);
    }
}
