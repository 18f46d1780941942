namespace Servo.Cli.Terminal;

/// <summary>Tells what a run waits for, no more than once a second: most wait for a moment only, of which there is nothing to tell.</summary>
internal sealed class WaitNote(RunView view)
{
    private static readonly TimeSpan _delay = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private string? _text;
    private volatile bool _isWaiting;

    /// <summary>Tells this in a second, unless something else is to be told by then.</summary>
    public void Tell(string text)
    {
        lock (_lock)
            _text = text;

        if (_isWaiting)
            return;

        _isWaiting = true;
        _ = TellAsync();
    }

    /// <summary>Tells what is to be told yet.</summary>
    public void TellNow()
    {
        lock (_lock)
        {
            if (_text is not null)
                view.Note(_text, Style.Dim);

            _text = null;
        }
    }

    /// <summary>The run waits no longer, and what has not been told is not.</summary>
    public void End()
    {
        lock (_lock)
            _text = null;

        _isWaiting = false;
    }

    private async Task TellAsync()
    {
        try
        {
            while (_isWaiting)
            {
                await Task.Delay(_delay);
                TellNow();
            }
        }
        catch (OutputException)
        {
            // Nobody can be told.
        }
    }
}
