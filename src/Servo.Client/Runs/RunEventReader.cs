using System.Text;
using System.Text.Json;

namespace Servo.Client.Runs;

/// <summary>
/// Turns the records of one run into events, across answers: a record that was seen is skipped, and the parts of a long line are joined.
/// </summary>
internal sealed class RunEventReader(bool keepLines)
{
    private readonly List<RunLine> _lines = [];
    private readonly Queue<RunEvent> _taken = new();
    private readonly StringBuilder _parts = new();
    private RunLine? _lastPart;
    private bool _isAccepted;

    /// <summary>The run's id, once it is known.</summary>
    public string? RunId { get; set; }

    /// <summary>Whether the gateway numbers its records, so that they can be resumed.</summary>
    public bool IsNumbered { get; set; }

    /// <summary>The number of the last record that was taken; 0 before the first.</summary>
    public long LastNumber { get; private set; }

    /// <summary>Whether a heartbeat has come.</summary>
    public bool HasHeartbeat { get; private set; }

    /// <summary>The next event of the records that were taken; <see langword="null"/> if there is none yet.</summary>
    public RunEvent? Next() => _taken.Count > 0 ? _taken.Dequeue() : null;

    /// <summary>Takes a record.</summary>
    public void Take(JsonElement json)
    {
        var number = json.TryGetProperty("seq", out var seq) ? seq.GetInt64() : 0;

        // The end is taken whatever its number: a power cut may have taken records that were seen.
        if (number > 0 && number <= LastNumber && json.GetProperty("event").GetString() != "result")
            return;

        if (Read(json) is { } next)
            _taken.Enqueue(next);

        LastNumber = Math.Max(LastNumber, number);
    }

    /// <summary>The event of a line.</summary>
    public RunEvent.Output Keep(RunLine line)
    {
        if (keepLines)
            _lines.Add(line);

        return new RunEvent.Output(line);
    }

    /// <summary>The last event.</summary>
    public RunEvent.Completed Complete(JsonElement json, string lastLine = "") => new(RunOutcomeReader.Outcome(json, _lines, lastLine));

    private RunEvent? Read(JsonElement json)
    {
        switch (json.GetProperty("event").GetString())
        {
            case "run":
                return Accept(json);
            case "queued":
                return new RunEvent.Queued(json.GetProperty("position").GetInt32());
            case "waiting":
                return new RunEvent.Waiting(RunInfoReader.WaitsFor(json));
            case "started":
                return new RunEvent.Started(RunId!);
            case "line":
                return Line(json);
            case "script":
                return new RunEvent.ScriptEnded(RunOutcomeReader.Script(json));
            case "result":
                EndOpenLine();
                return Complete(json);
            case "ping":
                HasHeartbeat = true;
                return null;
            default:
                // A later gateway may have more to tell.
                return null;
        }
    }

    private RunEvent? Accept(JsonElement json)
    {
        RunId = json.GetProperty("id").GetString()!;
        IsNumbered = json.TryGetProperty("seq", out _);

        if (!IsNumbered)
            return new RunEvent.Started(RunId);

        // Each answer begins so.
        var isRepeated = _isAccepted;
        _isAccepted = true;
        return isRepeated ? null : new RunEvent.Accepted(RunId);
    }

    private RunEvent.Output? Line(JsonElement json)
    {
        var line = new RunLine(
            json.GetProperty("n").GetInt64(),
            json.GetProperty("script").GetString(),
            json.GetProperty("stream").GetString()!,
            json.GetProperty("text").GetString()!,
            json.TryGetProperty("at", out var at) ? at.GetDateTimeOffset() : null);

        if (_lastPart is { } part && part.Number != line.Number)
            EndOpenLine();

        if (json.TryGetProperty("more", out var more) && more.GetBoolean())
        {
            _parts.Append(line.Text);
            _lastPart = line;
            return null;
        }

        return Keep(Joined(line));
    }

    /// <summary>A line whose end never came, as its host ended or its disk was full, ends where it was cut.</summary>
    private void EndOpenLine()
    {
        if (_lastPart is { } part)
            _taken.Enqueue(Keep(Joined(new RunLine(part.Number, part.Script, part.Stream, "", part.Time))));
    }

    private RunLine Joined(RunLine end)
    {
        if (_lastPart is null)
            return end;

        var text = _parts.Append(end.Text).ToString();
        _parts.Clear();
        _lastPart = null;
        return new RunLine(end.Number, end.Script, end.Stream, text, end.Time);
    }
}
