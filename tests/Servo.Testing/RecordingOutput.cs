using System.Text;
using Servo.Application.Logs;

namespace Servo.Testing;

/// <summary>Keeps what a run says, as whole lines.</summary>
public sealed class RecordingOutput : IRunOutput
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private readonly List<ScriptResult> _scripts = [];
    private readonly StringBuilder _line = new();
    private readonly List<(string Line, TaskCompletionSource Seen)> _awaited = [];

    public string? RunId { get; private set; }

    /// <summary>Called after every piece; a test may wait in it to be a slow reader.</summary>
    public Func<ValueTask> OnPiece { get; set; } = () => ValueTask.CompletedTask;

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate)
                return [.. _lines];
        }
    }

    public IReadOnlyList<ScriptResult> Scripts => _scripts;

    /// <summary>Ends when the line was written, within half a minute.</summary>
    public Task SeenAsync(string line)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        lock (_gate)
        {
            if (_lines.Contains(line))
                return Task.CompletedTask;

            _awaited.Add((line, seen));
        }

        return seen.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    public ValueTask StartedAsync(string runId)
    {
        RunId = runId;
        return ValueTask.CompletedTask;
    }

    public ValueTask WriteAsync(OutputPiece piece)
    {
        lock (_gate)
        {
            _line.Append(piece.Text.Span);

            if (piece.EndsLine)
            {
                var line = _line.ToString();
                _lines.Add(line);
                _line.Clear();
                _awaited.Where(awaited => awaited.Line == line).ToList().ForEach(awaited => awaited.Seen.TrySetResult());
            }
        }

        return OnPiece();
    }

    public ValueTask FlushAsync() => ValueTask.CompletedTask;

    public ValueTask ScriptEndedAsync(ScriptResult script)
    {
        _scripts.Add(script);
        return ValueTask.CompletedTask;
    }
}
