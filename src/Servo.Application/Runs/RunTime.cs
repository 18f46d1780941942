namespace Servo.Application.Runs;

/// <summary>
/// The time of one run, from its start on: that of the clock then, and what has passed since. A step of the clock does not reach it,
/// so that its lines, its end and its duration agree with each other.
/// </summary>
internal sealed class RunTime(TimeProvider machine, DateTimeOffset start) : TimeProvider
{
    private readonly long _start = machine.GetTimestamp();

    public override long TimestampFrequency => machine.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => start + machine.GetElapsedTime(_start);

    public override long GetTimestamp() => machine.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        machine.CreateTimer(callback, state, dueTime, period);
}
