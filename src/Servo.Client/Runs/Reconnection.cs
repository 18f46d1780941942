using System.Diagnostics;

namespace Servo.Client.Runs;

/// <summary>How long and how often to try to follow a run again, from one loss to the next.</summary>
internal sealed class Reconnection(TimeSpan limit)
{
    private static readonly TimeSpan _longestDelay = TimeSpan.FromSeconds(10);

    // An answer that lived so long was a success, even if the run said nothing.
    private static readonly TimeSpan _longLived = TimeSpan.FromSeconds(5);

    private readonly Stopwatch _sinceAnswer = Stopwatch.StartNew();
    private Stopwatch? _sinceLoss;
    private long _numberAtLoss = -1;
    private int _attempts;

    /// <summary>Notes that an answer has begun.</summary>
    public void Connect() => _sinceAnswer.Restart();

    /// <summary>Notes that an answer broke off behind the record of this number.</summary>
    public void Lose(long number)
    {
        if (_sinceLoss is null || number > _numberAtLoss || _sinceAnswer.Elapsed > _longLived)
            (_sinceLoss, _attempts) = (Stopwatch.StartNew(), 0);

        _numberAtLoss = number;
    }

    /// <summary>The delay before the next attempt; <see langword="null"/> if there is none.</summary>
    public TimeSpan? Next() =>
        limit == TimeSpan.Zero || _sinceLoss!.Elapsed >= limit ? null : RetryDelay.Backoff(_attempts++, _longestDelay);
}
