namespace Servo.Testing;

/// <summary>A machine whose clock is set: what the clock says jumps, what has passed does not.</summary>
public sealed class SteppedTime(TimeProvider machine) : TimeProvider
{
    private long _step;

    /// <summary>How far the clock is off by now.</summary>
    public TimeSpan Step
    {
        get => TimeSpan.FromTicks(Volatile.Read(ref _step));
        set => Volatile.Write(ref _step, value.Ticks);
    }

    public override TimeZoneInfo LocalTimeZone => machine.LocalTimeZone;

    public override long TimestampFrequency => machine.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => machine.GetUtcNow() + Step;

    public override long GetTimestamp() => machine.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        machine.CreateTimer(callback, state, dueTime, period);
}
