using Servo.Application.Uploads;
using Servo.Domain;
using Servo.Domain.Runs;

namespace Servo.Application.Runs;

/// <summary>A run of this host between its acceptance and its start.</summary>
/// <param name="run">The run.</param>
/// <param name="upload">Its archive; <see langword="null"/> where the bundle store has it.</param>
internal sealed class WaitingRun(Run run, VerifiedUpload? upload) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private volatile Refusal? _dropped;
    private volatile bool _isDetached = run.Order.IsDetached;
    private volatile bool _isQueued;
    private volatile Task _keeping = Task.CompletedTask;

    public Run Run => run;

    /// <summary>
    /// The timestamp of its acceptance, where this host accepted it: by the clock alone nobody knows how long it has waited.
    /// </summary>
    public long? Since { get; init; }

    /// <summary>The run as it will be executed: it can be cancelled from now on.</summary>
    public LiveRun Live { get; } = new(run);

    /// <summary>Whether it outlives the end of the host.</summary>
    public bool IsDetached => _isDetached;

    /// <summary>Whether the store has queued it; until then its acceptance is under way, which may give it a slot at once.</summary>
    public bool IsQueued
    {
        get => _isQueued;
        set => _isQueued = value;
    }

    /// <summary>Counts it among the admitted; <see langword="null"/> while the host admits none.</summary>
    public IDisposable? Admitted { get; set; }

    /// <summary>Ends its wait at its time limit.</summary>
    public ITimer? Limit { get; set; }

    /// <summary>Why this host gave it up before it started, or <see langword="null"/>.</summary>
    public Refusal? Dropped
    {
        get => _dropped;
        set => _dropped = value;
    }

    /// <summary>Hands the archive over to the executor of the run, if it is here.</summary>
    public VerifiedUpload? TakeUpload()
    {
        Limit?.Dispose();
        return Interlocked.Exchange(ref upload, null);
    }

    /// <summary>Hands the archive over, once it is not on its way to the bundle store any more; <see langword="null"/> where it is there.</summary>
    public async Task<VerifiedUpload?> TakeUploadAsync()
    {
        if (TakeUpload() is { } here)
            return here;

        // Where it could not be kept, it is here again.
        await _keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return TakeUpload();
    }

    /// <summary>Has the run outlive the end of the host, as somebody asks for it who does not wait.</summary>
    public async Task DetachAsync(IBundleStore bundles)
    {
        Task keeping;

        // Several that ask at once wait for the same.
        lock (_gate)
            keeping = _keeping = _keeping.IsCompleted ? KeepAsync(bundles) : _keeping;

        await keeping;
    }

    /// <summary>Leaves the admitted, as the host admits none.</summary>
    public void Stay()
    {
        Admitted?.Dispose();
        Admitted = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (TakeUpload() is { } unused)
            await unused.Workspace.DisposeAsync();

        Admitted?.Dispose();
    }

    private async Task KeepAsync(IBundleStore bundles)
    {
        // Where it has started meanwhile, its executor has the archive; where it was kept before, there is nothing to do.
        if (Interlocked.Exchange(ref upload, null) is not { } here)
            return;

        try
        {
            await bundles.KeepAsync(run.Id, here.Workspace.ArchivePath, CancellationToken.None);
        }
        catch
        {
            Volatile.Write(ref upload, here);
            throw;
        }

        _isDetached = true;
        await here.Workspace.DisposeAsync();
    }
}
