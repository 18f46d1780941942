namespace Servo.Testing;

/// <summary>The lines that a program has printed so far, each with its line ending; one reader takes them in order.</summary>
internal sealed class PrintedLines
{
    private readonly List<string> _lines = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _taken;
    private bool _ended;

    /// <summary>All of them.</summary>
    public string Text
    {
        get
        {
            lock (_lines)
                return string.Concat(_lines);
        }
    }

    /// <summary>Those that were not taken.</summary>
    public string Rest
    {
        get
        {
            lock (_lines)
                return string.Concat(_lines.Skip(_taken));
        }
    }

    public void Add(string line) => Change(() => _lines.Add(line));

    public void End() => Change(() => _ended = true);

    /// <summary>Takes the next line, without its ending; <see langword="null"/> at the end.</summary>
    public async Task<string?> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;

            lock (_lines)
            {
                if (_taken < _lines.Count)
                    return _lines[_taken++].TrimEnd('\r', '\n');

                if (_ended)
                    return null;

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Waits until all of them together are as wanted; <see langword="false"/> where they have ended and are not.</summary>
    public async Task<bool> BecomesAsync(Func<string, bool> isWanted, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;

            lock (_lines)
            {
                if (isWanted(string.Concat(_lines)))
                    return true;

                if (_ended)
                    return false;

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    private void Change(Action change)
    {
        lock (_lines)
        {
            change();
            _changed.SetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
