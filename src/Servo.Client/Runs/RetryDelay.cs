namespace Servo.Client.Runs;

/// <summary>
/// Computes the delay before a retry, random within bounds, so that callers who were refused together do not return together.
/// </summary>
internal static class RetryDelay
{
    private static readonly TimeSpan _first = TimeSpan.FromMilliseconds(300);

    [ThreadStatic]
    private static Random? _random;

    /// <summary>
    /// <see langword="null"/> if the request must not be retried: something may have started, or the gateway asks for a longer delay than
    /// is allowed.
    /// </summary>
    public static TimeSpan? After(ServoRequestException fault, int retries, TimeSpan longest)
    {
        if (!fault.NothingStarted)
            return null;

        if (fault.RetryAfter is { } asked)
            return asked > longest ? null : asked + Part(TimeSpan.FromTicks(Math.Max(asked.Ticks / 4, _first.Ticks)));

        return Backoff(retries, longest);
    }

    /// <summary>Doubles with each retry, up to the longest.</summary>
    public static TimeSpan Backoff(int retries, TimeSpan longest)
    {
        var doubled = TimeSpan.FromTicks(_first.Ticks << Math.Min(retries, 16));
        var delay = doubled < longest ? doubled : longest;
        return TimeSpan.FromTicks(delay.Ticks / 2) + Part(delay);
    }

    private static TimeSpan Part(TimeSpan whole) => TimeSpan.FromTicks((long)(whole.Ticks * (_random ??= new Random()).NextDouble()));
}
