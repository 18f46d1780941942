using FluentValidation;
using MediatR;
using Microsoft.Extensions.Options;
using Servo.Application.Uploads;
using Servo.Domain;

namespace Servo.Application.Runs;

/// <summary>Writes what somebody sent to a run's callback address into the run's bundle directory, as one plain file.</summary>
public sealed record DeliverCallback(string Token, string Tag, Stream Body, string? Sender = null) : IRequest<Result<DeliveredCallback>>;

/// <summary>A callback that the run's scripts can read under its tag.</summary>
public sealed record DeliveredCallback(string RunId, long Bytes);

internal sealed class DeliverCallbackValidator : AbstractValidator<DeliverCallback>
{
    public DeliverCallbackValidator() =>
        RuleFor(callback => callback.Tag)
            .Must(tag => tag is not ("" or "." or "..") && tag.Length <= 255 && tag.AsSpan().IndexOfAny('/', '\\', '\0') < 0)
            .WithMessage("A callback tag is one plain file name.");
}

internal sealed class DeliverCallbackHandler(RunsInProgress runs, UploadPlaces uploads, IOptions<ServoOptions> options)
    : IRequestHandler<DeliverCallback, Result<DeliveredCallback>>
{
    public async Task<Result<DeliveredCallback>> Handle(DeliverCallback callback, CancellationToken cancellationToken)
    {
        if (runs.ByCallbackToken(callback.Token) is not { } run)
            return new Rejection.UnknownCallback();

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, run.Ended);
        var arriving = Path.Join(run.Workspace.ScratchDirectory, Guid.NewGuid().ToString("N"));

        try
        {
            var received = await uploads.ReceiveAsync(callback.Sender, callback.Body, (body, lost) => ReceiveAsync(run, body, arriving, lost), ended.Token);

            if (!received.TryGet(out var bytes, out var refusal))
                return refusal;

            return await PlaceAsync(run, arriving, callback.Tag, ended.Token) ? new DeliveredCallback(run.Id, bytes) : new Rejection.CallbackTagTaken(callback.Tag);
        }
        catch (Exception e) when (run.Ended.IsCancellationRequested && e is OperationCanceledException or IOException)
        {
            return new Rejection.UnknownCallback();
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
            if (received is { Rejection: null })
                share.Keep();
            else
                Discard(path);
        }
    }

    private async Task<Result<long>> WriteAsync(Stream body, string path, CallbackBytes.Share share, CancellationToken cancellationToken)
    {
        var limit = options.Value.Uploads.MaxBytes;
        var limitOfAll = options.Value.Archives.MaxBytes;
        var buffer = new byte[64 * 1024];
        var total = 0L;
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);

        while (await body.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            if ((total += read) > limit)
                return new Rejection.UploadTooLarge(limit);

            if (share.Take(read) > limitOfAll)
                return new Rejection.CallbacksTooLarge(limitOfAll);

            await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        return total;
    }

    /// <summary>Moves the whole file into place at once, so that a script that looks for it never reads half of it.</summary>
    private static async Task<bool> PlaceAsync(RunInProgress run, string arrived, string tag, CancellationToken cancellationToken)
    {
        var path = Path.Join(run.Workspace.BundleDirectory, tag);
        await run.CallbackLock.WaitAsync(cancellationToken);

        try
        {
            File.Move(arrived, path, overwrite: run.CallbackTags.Contains(tag));
            run.CallbackTags.Add(tag);
            return true;
        }
        catch (IOException) when (Path.Exists(path) || new FileInfo(path).LinkTarget is not null)
        {
            return false;
        }
        finally
        {
            run.CallbackLock.Release();
        }
    }

    private static void Discard(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
            // The run has ended and taken its workspace along.
        }
    }
}
