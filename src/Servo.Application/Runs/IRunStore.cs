using Servo.Domain.Runs;

namespace Servo.Application.Runs;

/// <summary>
/// Keeps the runs, their queue and their locks, in one place so that one transaction covers them. Every change is a compare-and-set: of two that contradict
/// each other one has no effect and says so. What a method has returned is visible to every later call.
/// </summary>
public interface IRunStore
{
    /// <summary>
    /// Adds a run that was accepted just now. With <paramref name="claimHere"/> it is claimed at once where it could start at once: nothing
    /// that was accepted before it waits for a slot, and nothing that is active or was accepted before it excludes it by a lock. One that
    /// is not detached is started with this claim, as if by <see cref="StartAsync"/>. Survives a power cut once this returns if the run is
    /// detached. May be repeated: a run of this id that was added before is <see cref="Acceptance.Accepted"/> as it is by now, without a
    /// claim if it was started.
    /// </summary>
    Task<Acceptance> AcceptAsync(Run run, HostId? claimHere, int maxQueued, CancellationToken cancellationToken);

    /// <summary>
    /// Makes a run that has not started a detached one, which survives a power cut once this returns; <see langword="false"/> where it has started or ended, or
    /// there is none of this id.
    /// </summary>
    Task<bool> DetachAsync(RunId id);

    /// <summary>
    /// Claims up to <paramref name="slots"/> runs for a host, in the order in which they were accepted: those that are queued and that no run which is active
    /// or was accepted before them excludes by a lock. What the host has claimed already and does not name in <paramref name="known"/> comes first: the answer
    /// of an earlier call was lost.
    /// </summary>
    Task<IReadOnlyList<ClaimedRun>> ClaimAsync(HostId host, int slots, IReadOnlyCollection<RunId> known, CancellationToken cancellationToken);

    /// <summary>
    /// The point of no return, which survives a power cut if the run is detached: <see langword="false"/>, and an exception just as well,
    /// means that the run must never be started by this claim. It is <see langword="false"/> where the claim is gone, was started before,
    /// or the run is to be cancelled.
    /// </summary>
    Task<bool> StartAsync(RunClaim claim, DateTimeOffset now);

    /// <summary>
    /// Gives back a claim that was not started: the run is queued in its old place, or ends where it is to be cancelled. <see langword="false"/> where there
    /// is no such claim.
    /// </summary>
    Task<bool> ReleaseAsync(RunClaim claim);

    /// <summary>
    /// Keeps the end of a run and frees its locks. May be repeated: <see langword="true"/> where the run has ended in this way, <see langword="false"/> where
    /// the claim is gone or the run ended otherwise. The values of its variables are kept no longer.
    /// </summary>
    Task<bool> FinishAsync(RunClaim claim, Run ended, long logBytes);

    /// <summary>Ends a run that nobody has claimed in this way, or notes for its host that it is to be ended; repeatable.</summary>
    Task<CancelResult> CancelAsync(RunId id, RunFailure why, DateTimeOffset now);

    /// <summary>One run; <see langword="null"/> where there is none of this id.</summary>
    Task<RunRecord?> FindAsync(RunId id, CancellationToken cancellationToken);

    /// <summary>A page of runs, the latest first.</summary>
    Task<RunPage> ListAsync(RunQuery query, CancellationToken cancellationToken);

    /// <summary>Forgets ended runs, the oldest first, until what is left is within the limits; returns which.</summary>
    Task<IReadOnlyList<RunId>> TrimAsync(Retention keep, DateTimeOffset now, CancellationToken cancellationToken);
}

/// <summary>What became of a run that was handed to the store.</summary>
public abstract record Acceptance
{
    private Acceptance()
    {
    }

    /// <summary>It was added; with a claim where it may start at once.</summary>
    public sealed record Accepted(RunRecord Record, RunClaim? Claim) : Acceptance;

    /// <summary>The same request was accepted before under its key.</summary>
    public sealed record Existing(RunRecord Record) : Acceptance;

    /// <summary>Another request was accepted before under its key.</summary>
    public sealed record KeyReused : Acceptance;

    /// <summary>As many runs wait as may.</summary>
    public sealed record Busy : Acceptance;
}

/// <summary>A run that a host is to execute.</summary>
public sealed record ClaimedRun(RunClaim Claim, Run Run);

/// <summary>A run as the store knows it at one moment.</summary>
/// <param name="Run">The run; <see cref="RunState.Waiting"/> where <paramref name="WaitsFor"/> is not empty.</param>
/// <param name="Position">How many runs are queued up to it, itself included; <see langword="null"/> once it is claimed.</param>
/// <param name="WaitsFor">The locks that it lacks, each with the first of the runs that hold it or wait for it before.</param>
/// <param name="LogBytes">The size of its log once it has ended.</param>
/// <param name="IsCancelRequested">Whether it is to be ended by its host.</param>
public sealed record RunRecord(Run Run, int? Position, IReadOnlyList<LockHolder> WaitsFor, long LogBytes, bool IsCancelRequested);

/// <summary>A lock, and a run that has it first.</summary>
public sealed record LockHolder(string Lock, RunId Run);

/// <summary>What a cancellation came to.</summary>
public abstract record CancelResult
{
    private CancelResult()
    {
    }

    /// <summary>There is no run of this id.</summary>
    public sealed record Unknown : CancelResult;

    /// <summary>The run has ended.</summary>
    /// <param name="Record">The run.</param>
    /// <param name="ByThis">Whether this call ended it, and not something before.</param>
    public sealed record Ended(RunRecord Record, bool ByThis) : CancelResult;

    /// <summary>The host that has claimed it ends it.</summary>
    public sealed record Requested(RunRecord Record) : CancelResult;
}

/// <summary>Which runs to list.</summary>
/// <param name="Limit">The most that come in one page, at least 1.</param>
public sealed record RunQuery(int Limit)
{
    /// <summary>Only those in this state.</summary>
    public RunState? State { get; init; }

    /// <summary>Only those with a script of this name.</summary>
    public string? Script { get; init; }

    /// <summary>Only those that were accepted at this moment or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Only those that were accepted before this one: the last of the page before.</summary>
    public RunId? After { get; init; }
}

/// <summary>A page of runs.</summary>
/// <param name="Runs">The latest first.</param>
/// <param name="Next">What to ask the next page with; <see langword="null"/> where this is the last.</param>
public sealed record RunPage(IReadOnlyList<RunRecord> Runs, RunId? Next);

/// <summary>How much of what has ended is kept.</summary>
/// <param name="MaxAge">How long after its end.</param>
/// <param name="MaxRuns">How many runs.</param>
/// <param name="MaxBytes">How many bytes of logs.</param>
public sealed record Retention(TimeSpan MaxAge, int MaxRuns, long MaxBytes);
