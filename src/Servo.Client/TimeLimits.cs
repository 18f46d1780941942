namespace Servo.Client;

/// <summary>Checks options that are time limits.</summary>
internal static class TimeLimits
{
    /// <summary>Throws <see cref="ArgumentException"/> unless a limit is infinite or more than zero.</summary>
    public static void Check(string options, string name, TimeSpan limit)
    {
        if (limit <= TimeSpan.Zero && limit != Timeout.InfiniteTimeSpan)
            throw new ArgumentException($"{options}.{name} is {limit}: it must be more than zero, or infinite.");
    }
}
