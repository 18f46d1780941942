using Servo.Domain;

namespace Servo.Application.Uploads;

/// <summary>
/// One upload that is not verified: who sends it, what came of it, and
/// whether it was given up. <see cref="UploadPlaces"/> guards its counters.
/// </summary>
internal sealed class UploadPlace : IDisposable
{
    /// <summary>
    /// From here on (a steady 180 KB/s) an upload is as good as any faster one: a flood gains nothing over an ordinary line.
    /// </summary>
    private const double Brisk = 1 << 20;

    /// <summary>What has arrived counts half after this time, so that no upload lives on what it sent long ago.</summary>
    private static readonly TimeSpan _halfLife = TimeSpan.FromSeconds(4);

    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenRegistration _aborted;
    private readonly ITimer _deadline;
    private readonly TaskCompletionSource _admitted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Refusal? _why;
    private double _progress;
    private long _lastArrival;

    public UploadPlace(string sender, TimeProvider time, TimeSpan timeout, CancellationToken aborted)
    {
        (Sender, _time, Came) = (sender, time, time.GetTimestamp());
        _aborted = aborted.UnsafeRegister(static place => ((UploadPlace)place!)._lost.Cancel(), this);
        _deadline = time.CreateTimer(_ => End(new Refusal.UploadTimedOut(timeout, UploadOptions.TimeoutKey)), null, timeout, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Names its sender.</summary>
    public string Sender { get; }

    /// <summary>When it asked for a place.</summary>
    public long Came { get; }

    /// <summary>When it got one.</summary>
    public long Since { get; private set; }

    /// <summary>What has arrived.</summary>
    public long Bytes { get; private set; }

    public bool HasLeft { get; set; }

    /// <summary>Whether it came without a place and was whole in time.</summary>
    public bool HasTurn { get; set; }

    /// <summary>Completed once the upload may arrive.</summary>
    public Task Admitted => _admitted.Task;

    /// <summary>Cancelled when the place is lost or the sender is gone.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Why the place was lost.</summary>
    public Refusal? Why => Volatile.Read(ref _why);

    public void Enter(long now)
    {
        (Since, _lastArrival) = (now, now);
        _admitted.TrySetResult();
    }

    public void Arrived(int bytes, long now)
    {
        Bytes += bytes;
        _progress = Faded(now) + bytes;
        _lastArrival = now;
    }

    /// <summary>The bytes that came lately.</summary>
    public double Progress(long now) => Math.Min(Faded(now), Brisk);

    public bool IsBrisk(long now) => Faded(now) >= Brisk;

    /// <summary>Gives the upload up, once.</summary>
    public void End(Refusal why)
    {
        if (Interlocked.CompareExchange(ref _why, why, null) is null)
            _ = _lost.CancelAsync();
    }

    // The source itself needs no disposal, and whoever gives the upload up at this moment may still cancel it.
    public void Dispose()
    {
        _aborted.Dispose();
        _deadline.Dispose();
    }

    private double Faded(long now) => _progress * Math.Pow(0.5, _time.GetElapsedTime(_lastArrival, now) / _halfLife);
}
