using System.Text;
using System.Text.Json;
using Servo.Application.Logs;
using Servo.Domain.Runs;

namespace Servo.Testing;

/// <summary>Keeps what a run says, as lines.</summary>
public sealed class RecordingOutput : IRunOutput
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private readonly List<ScriptResult> _scripts = [];
    private readonly StringBuilder _line = new();
    private (string? Script, OutputStream Stream) _source;
    private readonly List<(string Line, TaskCompletionSource Seen)> _awaited = [];

    public RunId? RunId { get; private set; }

    /// <summary>Called after every piece; a test may wait in it to be a slow reader.</summary>
    public Func<ValueTask> OnPiece { get; set; } = () => ValueTask.CompletedTask;

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate)
                return _line.Length == 0 ? [.. _lines] : [.. _lines, _line.ToString()];
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

    public ValueTask WriteAsync(RunEvent happened)
    {
        switch (happened)
        {
            case RunEvent.Output output:
                EndLineOf(output.Script, output.Stream);
                Add(output.Text.Span);
                return OnPiece();
            case RunEvent.ScriptEnded ended:
                _scripts.Add(ended.Result);
                break;
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask FlushAsync() => ValueTask.CompletedTask;

    /// <summary>Takes what was added to a run's log.</summary>
    public void Take(RunId run, ReadOnlyMemory<byte> records)
    {
        RunId = run;

        while (LogRecords.TryTake(ref records, out var record))
        {
            var json = JsonDocument.Parse(record).RootElement;

            switch (json.GetProperty("event").GetString())
            {
                case "line":
                    Add(Encoding.UTF8.GetBytes(json.GetProperty("text").GetString() + (json.TryGetProperty("more", out _) ? "" : "\n")));
                    break;
                case "lines":
                    Add(Encoding.UTF8.GetBytes(json.GetProperty("text").GetString()!));
                    break;
                case "script":
                    _scripts.Add(new ScriptResult(
                        json.GetProperty("name").GetString()!, json.GetProperty("exitCode").GetInt32(), TimeSpan.FromSeconds(json.GetProperty("seconds").GetDouble())));
                    break;
            }
        }
    }

    /// <summary>What another one left unfinished ends before this one's line.</summary>
    private void EndLineOf(string? script, OutputStream stream)
    {
        lock (_gate)
        {
            if (_line.Length > 0 && _source != (script, stream))
                Add("\n"u8);

            _source = (script, stream);
        }
    }

    private void Add(ReadOnlySpan<byte> text)
    {
        lock (_gate)
        {
            while (RunEvent.Output.TryTakeLine(ref text, out var part, out var isWhole))
            {
                _line.Append(Encoding.UTF8.GetString(part));

                if (!isWhole)
                    return;

                var line = _line.ToString();
                _lines.Add(line);
                _line.Clear();
                _awaited.Where(awaited => awaited.Line == line).ToList().ForEach(awaited => awaited.Seen.TrySetResult());
            }
        }
    }
}
