using System.Security.Cryptography;
using System.Text.Json;
using MediatR;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Servo.Application.Scripts;
using Servo.Application.Uploads;
using Servo.Domain;
using Servo.Domain.Runs;

namespace Servo.Application.Runs;

/// <summary>Takes a request for a run: verifies what was sent, keeps it, and has it executed in its turn.</summary>
public sealed partial class SubmitRun
{
    private readonly IMediator _mediator;
    private readonly UploadPlaces _uploads;
    private readonly RunAdmission _admission;
    private readonly WaitingRuns _waiting;
    private readonly RunWorker _worker;
    private readonly IRunStore _store;
    private readonly IBundleStore _bundles;
    private readonly ScriptVariables _operators;
    private readonly TimeProvider _time;
    private readonly ILogger<SubmitRun> _logger;
    private readonly int _maxQueued;

    /// <summary>Made once for a host.</summary>
    public SubmitRun(
        IMediator mediator,
        UploadPlaces uploads,
        RunAdmission admission,
        WaitingRuns waiting,
        RunWorker worker,
        IRunStore store,
        IBundleStore bundles,
        ScriptVariables operators,
        IOptions<AdmissionOptions> options,
        TimeProvider time,
        ILogger<SubmitRun> logger)
    {
        (_mediator, _uploads, _admission, _waiting, _worker) = (mediator, uploads, admission, waiting, worker);
        (_store, _bundles, _operators, _time, _logger) = (store, bundles, operators, time, logger);
        _maxQueued = options.Value.MaxConcurrent + options.Value.MaxQueued;
    }

    /// <summary>
    /// Accepts the request, and returns once the run is kept: a detached one survives a power cut then. Nothing of it has run before, and a refusal means that
    /// nothing will. <paramref name="uploadAborted"/> ends the upload only: what is accepted goes on to its end.
    /// </summary>
    public async Task<Result<SubmittedRun>> ExecuteAsync(RunRequest request, CancellationToken uploadAborted)
    {
        // An upload that finds no slot now would be in vain; unless it names a run that there is already.
        if (request.IdempotencyKey is null && _admission.Refusal is { } refusal)
            return refusal;

        if (!(await ReceiveAsync(request, uploadAborted)).TryGet(out var upload, out refusal))
            return refusal;

        // Not before: a caller that has not signed is not told which variables there are.
        if (_operators.RefusalOf(request.Variables) is { } reserved)
        {
            await upload.Workspace.DisposeAsync();
            return reserved;
        }

        var waiting = new WaitingRun(Run.Accept(RunId.New(_time.GetUtcNow()), OrderOf(request, upload), _time.GetUtcNow()), upload)
        {
            Since = _time.GetTimestamp(),
        };

        try
        {
            return await AcceptAsync(waiting, upload);
        }
        catch (Exception e) when (DiskSpace.IsLacking(e))
        {
            await WithdrawAsync(waiting);
            return Refusal.StateFull.NoRoom(StateOptions.RootKey);
        }
        catch (StateGoneException e)
        {
            Log.StateGone(_logger, e.Message);
            await WithdrawAsync(waiting);
            return Refusal.StateFull.Gone(StateOptions.RootKey);
        }
        catch
        {
            await WithdrawAsync(waiting);
            throw;
        }
    }

    private async Task<Result<SubmittedRun>> AcceptAsync(WaitingRun waiting, VerifiedUpload upload)
    {
        var admission = _admission.Admit();

        if (!admission.TryGet(out var admitted, out var refusal) && waiting.Run.Order.Key is null)
        {
            await waiting.DisposeAsync();
            return refusal;
        }

        waiting.Admitted = admitted;
        var slot = admitted is null ? null : _admission.TryTakeSlot();

        try
        {
            if (waiting.Run.Order.IsDetached && admitted is not null)
                await KeepAsync(waiting, upload);

            _waiting.Announce(waiting);
            var claimHere = slot is null ? (HostId?)null : _worker.Host;
            var acceptance = await _store.AcceptAsync(waiting.Run, claimHere, admitted is null ? 0 : _maxQueued, CancellationToken.None);

            switch (acceptance)
            {
                case Acceptance.Accepted { Claim: { } claim } accepted:
                    _worker.Begin(new ClaimedRun(claim, accepted.Record.Run), slot!);
                    slot = null;
                    return new SubmittedRun(accepted.Record, IsNew: true, waiting);
                case Acceptance.Accepted accepted:
                    _waiting.Queued(waiting);
                    return new SubmittedRun(accepted.Record, IsNew: true, waiting);
                default:
                    await _waiting.ForgetAsync(waiting.Run.Id);
                    return acceptance is Acceptance.Existing existing ? await AttachAsync(existing.Record, waiting.Run.Order.IsDetached)
                        : acceptance is Acceptance.KeyReused ? new Refusal.IdempotencyKeyReused()
                        : refusal ?? new Refusal.Busy(_maxQueued, _admission.NextSlot);
            }
        }
        finally
        {
            slot?.Dispose();
        }
    }

    /// <summary>Joins a request for the same run; a caller that does not wait makes a detached run of one that has not started.</summary>
    private async Task<SubmittedRun> AttachAsync(RunRecord existing, bool isDetached)
    {
        var id = existing.Run.Id;

        if (isDetached && !existing.Run.Order.IsDetached && _waiting.Find(id) is { } other)
        {
            await other.DetachAsync(_bundles);
            await _store.DetachAsync(id);
            existing = await _store.FindAsync(id, CancellationToken.None) ?? existing;
        }

        return new SubmittedRun(existing, IsNew: false, _waiting.Find(id));
    }

    /// <summary>Moves the archive of a detached run to where it outlives this host.</summary>
    private async Task KeepAsync(WaitingRun waiting, VerifiedUpload upload)
    {
        await _bundles.KeepAsync(waiting.Run.Id, upload.Workspace.ArchivePath, CancellationToken.None);
        waiting.TakeUpload();
        await upload.Workspace.DisposeAsync();
    }

    /// <summary>Takes a run back whose acceptance failed: whether the store has it is not known.</summary>
    private async Task WithdrawAsync(WaitingRun waiting)
    {
        try
        {
            var (id, failure, now) = (waiting.Run.Id, new RunFailure.Cancelled("its acceptance failed"), _time.GetUtcNow());

            if (!await _store.FinishAsync(new RunClaim(id, _worker.Host), waiting.Run.Fail(failure, now), logBytes: 0))
                await _store.CancelAsync(id, failure, now);
        }
        catch (Exception)
        {
            // As the acceptance did, whose exception the caller gets.
        }

        await _waiting.ForgetAsync(waiting.Run.Id);
        await waiting.DisposeAsync();
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

    private static RunOrder OrderOf(RunRequest request, VerifiedUpload upload) => new(request.Scripts, request.Variables)
    {
        Locks = request.Locks,
        Timeout = request.Timeout,
        QueueTimeout = request.QueueTimeout,
        Caller = request.Caller,
        IsDetached = request.IsDetached,
        ArchiveDigest = upload.Digest,
        ArchiveBytes = upload.Bytes,
        Key = request.IdempotencyKey is { } key ? new IdempotencyKey(key, DigestOf(request, upload)) : null,
    };

    /// <summary>What makes two requests the same: all that they ask for, but not how they wait.</summary>
    private static string DigestOf(RunRequest request, VerifiedUpload upload) => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(
        (string[])
        [
            upload.Digest,
            request.Scripts.ToString(),
            .. request.Variables.Select(variable => $"{variable.Key}={variable.Value}"),
            "",
            .. request.Locks.Select(named => named.ToString()),
            $"{request.Timeout?.TotalSeconds} {request.QueueTimeout?.TotalSeconds}",
        ])));

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "No run is accepted: {Reason}")]
        public static partial void StateGone(ILogger logger, string reason);
    }
}

/// <summary>A run that was accepted, now or before.</summary>
/// <param name="Record">The run as it was then.</param>
/// <param name="IsNew">Whether this request is what it was accepted for; otherwise an earlier one of the same key.</param>
public sealed record SubmittedRun(RunRecord Record, bool IsNew)
{
    private readonly WaitingRun? _waiting;

    internal SubmittedRun(RunRecord Record, bool IsNew, WaitingRun? Waiting)
        : this(Record, IsNew) => _waiting = Waiting;

    /// <summary>Names the run.</summary>
    public RunId Id => Record.Run.Id;

    /// <summary>Why the host gave the run up before it started, as its caller waits; <see langword="null"/> where it did not.</summary>
    public Refusal? Dropped => _waiting?.Dropped;

    /// <summary>
    /// Whether the run goes on without this request, which may attach to it again: another asked for it first, or does not wait for it.
    /// </summary>
    public bool OutlivesItsCaller => !IsNew || _waiting is { IsDetached: true };
}
