using System.Diagnostics;
using Servo.Infrastructure.Files;

namespace Servo.Infrastructure.Scripts;

/// <summary>
/// Looks how much space the files of a run take: before a script, while it runs, whose end it is if they take too much, and after it. The kernel tells an
/// unprivileged process of no such event, so they are looked at every second, and less often where a look takes long.
/// </summary>
internal sealed class WorkspaceWatch(long mostBytes, string workspace) : IAsyncDisposable
{
    private const int PausesToLooks = 4;

    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _end = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _watching = Task.CompletedTask;

    /// <summary>Whether there is too much now, or it cannot be said, which counts as too much; not where that was cancelled.</summary>
    public async Task<bool> IsTooMuchAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await Task.Run(() => TreeSpace.IsMoreThan(mostBytes, workspace, cancellationToken), cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    /// <summary>Begins to look; what it returns is cancelled as the given token is, and when there is too much.</summary>
    public CancellationTokenSource Begin(CancellationToken cancellationToken)
    {
        _watching = WatchAsync();
        return CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _end.Token);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
        _end.Dispose();
    }

    private async Task WatchAsync()
    {
        try
        {
            var pause = _pause;

            while (true)
            {
                await Task.Delay(pause, _stop.Token);
                var start = Stopwatch.GetTimestamp();

                if (await IsTooMuchAsync(_stop.Token))
                    break;

                pause = TimeSpan.FromTicks(Math.Max(_pause.Ticks, Stopwatch.GetElapsedTime(start).Ticks * PausesToLooks));
            }

            await _end.CancelAsync();
        }
        catch (OperationCanceledException)
        {
            // The script has ended.
        }
    }
}
