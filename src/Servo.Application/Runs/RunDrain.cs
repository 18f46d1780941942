using Microsoft.Extensions.Logging;
using Servo.Domain;
using Servo.Domain.Runs;

namespace Servo.Application.Runs;

/// <summary>Ends runs gracefully: no new ones, time for those in progress, then their end.</summary>
public sealed partial class RunDrain(RunAdmission admission, TimeProvider time, ILogger<RunDrain> logger) : IDisposable
{
    /// <summary>The time for runs that are being ended: a script gets two seconds between TERM and KILL.</summary>
    public static readonly TimeSpan KillGrace = TimeSpan.FromSeconds(6);

    private CancellationTokenSource _ending = new();
    private Refusal.Closed _why = new Refusal.ShuttingDown();

    /// <summary>Ends the run when those in progress now are to end, until what is returned is disposed of.</summary>
    public IDisposable Watch(RunCancellation run) =>
        Volatile.Read(ref _ending).Token.UnsafeRegister(_ => run.Cancel(new CancellationReason.Closed(Volatile.Read(ref _why))), null);

    /// <summary>
    /// Admits no run any more, waits for those in progress up to <paramref name="timeout"/>, and then ends them, within <see cref="KillGrace"/>.
    /// </summary>
    public async Task DrainAsync(Refusal.Closed why, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var empty = admission.CloseAsync(why);

        if (await EndsWithinAsync(empty, timeout, cancellationToken))
            return;

        Log.Ending(logger, timeout.TotalSeconds);
        Volatile.Write(ref _why, why);
        await _ending.CancelAsync();
        await EndsWithinAsync(empty, KillGrace, cancellationToken);
    }

    /// <summary>Admits runs again after a drain.</summary>
    public void Reopen()
    {
        // The old source stays undisposed: a run that has not ended yet may still ask its token.
        if (_ending.IsCancellationRequested)
            Volatile.Write(ref _ending, new CancellationTokenSource());

        admission.Open();
    }

    /// <inheritdoc/>
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
        [LoggerMessage(1, LogLevel.Warning, "Runs in progress are ended: they were not done {Seconds} s after no more were let in")]
        public static partial void Ending(ILogger logger, double seconds);
    }
}
