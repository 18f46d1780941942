using System.Text;
using System.Text.Json;

namespace Servo.Client.Runs;

/// <summary>
/// Turns the records of one run into events, across answers: a record that was seen is skipped, and the parts of a long line are joined.
/// </summary>
internal sealed class RunEventReader(bool keepLines)
{
    private readonly List<RunLine> _lines = [];
    private readonly StringBuilder _parts = new();
    private bool _isAccepted;

    /// <summary>The run's id, once it is known.</summary>
    public string? RunId { get; set; }

    /// <summary>Whether the gateway numbers its records, so that they can be resumed.</summary>
    public bool IsNumbered { get; set; }

    /// <summary>The number of the last record that was taken; 0 before the first.</summary>
    public long LastNumber { get; private set; }

    /// <summary>Whether a heartbeat has come.</summary>
    public bool HasHeartbeat { get; private set; }

    /// <summary>The event of a record; <see langword="null"/> if it is none for the caller.</summary>
    public RunEvent? Take(JsonElement json)
    {
        var number = json.TryGetProperty("seq", out var seq) ? seq.GetInt64() : 0;

        // The end is taken whatever its number: a power cut may have taken records that were seen.
        if (number > 0 && number <= LastNumber && json.GetProperty("event").GetString() != "result")
            return null;

        var taken = Read(json);
        LastNumber = Math.Max(LastNumber, number);
        return taken;
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
        var text = json.GetProperty("text").GetString()!;

        if (json.TryGetProperty("more", out var more) && more.GetBoolean())
        {
            _parts.Append(text);
            return null;
        }

        if (_parts.Length > 0)
        {
            text = _parts.Append(text).ToString();
            _parts.Clear();
        }

        return Keep(new RunLine(
            json.GetProperty("n").GetInt64(),
            json.GetProperty("script").GetString(),
            json.GetProperty("stream").GetString()!,
            text,
            json.TryGetProperty("at", out var at) ? at.GetDateTimeOffset() : null));
    }
}
