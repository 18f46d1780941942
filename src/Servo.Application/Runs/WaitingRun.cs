using Servo.Application.Uploads;
using Servo.Domain;
using Servo.Domain.Runs;

namespace Servo.Application.Runs;

/// <summary>A run of this host between its acceptance and its start.</summary>
/// <param name="run">The run.</param>
/// <param name="upload">Its archive; <see langword="null"/> where the bundle store has it.</param>
internal sealed class WaitingRun(Run run, VerifiedUpload? upload) : IAsyncDisposable
{
    private volatile Refusal? _dropped;
    private volatile bool _isDetached = run.Order.IsDetached;
    private volatile Task _keeping = Task.CompletedTask;

    public Run Run => run;

    /// <summary>The run as it will be executed: it can be cancelled from now on.</summary>
    public LiveRun Live { get; } = new(run);

    /// <summary>Whether it outlives the end of the host.</summary>
    public bool IsDetached => _isDetached;

    /// <summary>Completes once its archive is where <see cref="DetachAsync"/> puts it.</summary>
    public Task Kept => _keeping;

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

    /// <summary>Hands the archive over to who executes the run, if it is here.</summary>
    public VerifiedUpload? TakeUpload()
    {
        Limit?.Dispose();
        return Interlocked.Exchange(ref upload, null);
    }

    /// <summary>Has the run outlive the end of the host, as somebody asks for it who does not wait.</summary>
    public async Task DetachAsync(IBundleStore bundles)
    {
        var kept = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _keeping = kept.Task;

        try
        {
            // Where it has started meanwhile, who executes it has the archive.
            if (Interlocked.Exchange(ref upload, null) is not { } here)
                return;

            await bundles.KeepAsync(run.Id, here.Workspace.ArchivePath, CancellationToken.None);
            await here.Workspace.DisposeAsync();
            _isDetached = true;
        }
        finally
        {
            kept.SetResult();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (TakeUpload() is { } unused)
            await unused.Workspace.DisposeAsync();

        Admitted?.Dispose();
    }
}
