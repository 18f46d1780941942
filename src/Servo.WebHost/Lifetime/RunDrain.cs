using Servo.Application.Runs;

namespace Servo.WebHost.Lifetime;

/// <summary>Ends the host gracefully: no new runs, time for those in progress, then their end; all while the server still answers.</summary>
internal sealed partial class RunDrain(RunAdmission admission, TimeProvider time, ILogger<RunDrain> logger) : IHostedLifecycleService, IDisposable
{
    /// <summary>How long runs in progress may go on once the host was told to stop.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    /// <summary>How long ended runs have for their last words: a script gets two seconds between TERM and KILL.</summary>
    private static readonly TimeSpan _lastWords = TimeSpan.FromSeconds(6);

    private readonly CancellationTokenSource _ending = new();

    public static TimeSpan LongestStop { get; } = _patience + _lastWords + TimeSpan.FromSeconds(3);

    /// <summary>Cancelled when runs in progress are to end.</summary>
    public CancellationToken Ending => _ending.Token;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        var empty = admission.CloseAsync();

        if (await EndsWithinAsync(empty, _patience, cancellationToken))
            return;

        Log.Ending(logger, _patience.TotalSeconds);
        await _ending.CancelAsync();
        await EndsWithinAsync(empty, _lastWords, cancellationToken);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _ending.Dispose();

    private async Task<bool> EndsWithinAsync(Task task, TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            await task.WaitAsync(limit, time, cancellationToken);
            return true;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Runs in progress are ended: they were not done {Seconds} s after the host was told to stop")]
        public static partial void Ending(ILogger logger, double seconds);
    }
}
