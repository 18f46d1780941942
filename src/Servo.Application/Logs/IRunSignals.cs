using Servo.Domain.Runs;

namespace Servo.Application.Logs;

/// <summary>
/// Tells those who wait that something of a run may be new. A hint: it may be lost, so whoever waits also looks now and then.
/// </summary>
public interface IRunSignals
{
    /// <summary>Wakes those who wait for the run.</summary>
    void Tell(RunId run);

    /// <summary>Begins to listen; what is told from now on completes the next wait.</summary>
    IRunSignal Listen(RunId run);
}

/// <summary>One who waits for news of a run.</summary>
public interface IRunSignal : IDisposable
{
    /// <summary>Waits for news since the last wait, at most this long.</summary>
    Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken);
}
