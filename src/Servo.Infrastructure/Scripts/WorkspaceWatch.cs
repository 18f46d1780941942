using System.Diagnostics;
using Servo.Infrastructure.Files;

namespace Servo.Infrastructure.Scripts;

/// <summary>
/// Ends a script when the files of its run take too much space. The kernel tells an unprivileged process of no such event, so they are looked at every second, and
/// less often where a look takes long.
/// </summary>
internal sealed class WorkspaceWatch : IAsyncDisposable
{
    private const int LooksToPauses = 20;

    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestPause = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _end;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;

    public WorkspaceWatch(long mostBytes, string workspace, CancellationToken cancellationToken)
    {
        _end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _watching = Task.Run(() => WatchAsync(mostBytes, workspace), CancellationToken.None);
    }

    /// <summary>Is cancelled as the script's own, and when there is too much.</summary>
    public CancellationToken Token => _end.Token;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
        _end.Dispose();
    }

    private async Task WatchAsync(long mostBytes, string workspace)
    {
        try
        {
            for (var pause = TimeSpan.Zero; !IsTooMuch(mostBytes, workspace, ref pause);)
                await Task.Delay(pause, _stop.Token);

            await _end.CancelAsync();
        }
        catch (OperationCanceledException)
        {
            // The script has ended.
        }
    }

    private bool IsTooMuch(long mostBytes, string workspace, ref TimeSpan pause)
    {
        var start = Stopwatch.GetTimestamp();

        try
        {
            return TreeSpace.IsMoreThan(mostBytes, workspace, _stop.Token);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
        finally
        {
            var share = Stopwatch.GetElapsedTime(start) * LooksToPauses;
            pause = share < _pause ? _pause : share > _longestPause ? _longestPause : share;
        }
    }
}
