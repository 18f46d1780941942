namespace Servo.Ochopod.ZooKeeper;

/// <summary>
/// Pauses between attempts: none before the first, then longer and longer ones up to
/// a limit, by chance up to a half shorter so that clients do not come back in step.
/// </summary>
internal sealed class Backoff(TimeSpan longest, TimeProvider time)
{
    private static readonly TimeSpan _shortest = TimeSpan.FromMilliseconds(50);

    private TimeSpan _pause;

    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();

        if (_pause > TimeSpan.Zero)
            await Task.Delay(_pause * (1 - Random.Shared.NextDouble() / 2), time, cancellationToken);

        var longer = _pause > TimeSpan.Zero ? _pause * 2 : _shortest;
        _pause = longer < longest ? longer : longest;
    }

    public void Reset() => _pause = TimeSpan.Zero;
}
