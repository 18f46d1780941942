namespace Servo.Client;

/// <summary>A run as the gateway knows it at one moment.</summary>
public sealed class RunInfo
{
    /// <summary>Creates a run, also for test doubles of <see cref="ServoClient"/>.</summary>
    public RunInfo(string id, string state)
    {
        Guard.NotNull(id, nameof(id));
        Guard.NotNull(state, nameof(state));
        (Id, State) = (id, state);
    }

    /// <summary>The run's id.</summary>
    public string Id { get; }

    /// <summary>One of <see cref="RunStates"/>, or one that a later gateway adds.</summary>
    public string State { get; }

    /// <summary>Whether the run has ended, successfully or not.</summary>
    public bool HasEnded => Ended is not null || State is not (RunStates.Queued or RunStates.Waiting or RunStates.Running);

    /// <summary>When the gateway accepted it.</summary>
    public DateTimeOffset Accepted { get; init; }

    /// <summary>When it started; <see langword="null"/> if it has not.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>When it ended; <see langword="null"/> if it has not.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>Its position in the queue, from 1; <see langword="null"/> if it is not queued.</summary>
    public int? Position { get; init; }

    /// <summary>The locks that it waits for.</summary>
    public IReadOnlyList<RunLockHolder> WaitsFor { get; init; } = [];

    /// <summary>Its scripts, in order.</summary>
    public IReadOnlyList<RunScript> Scripts { get; init; } = [];

    /// <summary>Why it failed; <see langword="null"/> if it did not.</summary>
    public RunFailure? Failure { get; init; }

    /// <summary>Who asked for it, such as an address.</summary>
    public string Caller { get; init; } = "";

    /// <summary>Whether its caller does not wait for it.</summary>
    public bool IsDetached { get; init; }

    /// <summary>The SHA-256 of its archive in hexadecimal; <see langword="null"/> if it is unknown.</summary>
    public string? ArchiveSha256 { get; init; }

    /// <summary>The size of its archive.</summary>
    public long ArchiveBytes { get; init; }

    /// <summary>The names of its variables.</summary>
    public IReadOnlyList<string> Variables { get; init; } = [];

    /// <summary>Its locks.</summary>
    public IReadOnlyList<RunLock> Locks { get; init; } = [];

    /// <summary>Whether it was asked to end and has not ended yet.</summary>
    public bool IsCancelRequested { get; init; }
}
