using System.Diagnostics.Metrics;
using Servo.Application.Messaging;

namespace Servo.Infrastructure.Scripts;

/// <summary>What the starts of scripts report: how each was started, whether in a sandbox, and what memory the interpreter takes that they are forked from.</summary>
internal sealed class ScriptTelemetry
{
    private readonly Counter<long> _starts;
    private readonly Counter<long> _unconfined;

    public ScriptTelemetry(IMeterFactory meters)
    {
        var meter = meters.Create(StepTelemetry.SourceName);
        _starts = meter.CreateCounter<long>("servo.script.starts", "{script}", "Starts of scripts, warm or cold.");
        _unconfined = meter.CreateCounter<long>("servo.script.unconfined", "{script}", "Starts of scripts that are in no sandbox.");
        meter.CreateObservableGauge("servo.interpreter.memory", () => Memory(), "By", "Resident memory of the interpreter that scripts are forked from.");
    }

    /// <summary>The memory of the fork server in bytes; 0 while there is none.</summary>
    public Func<long> Memory { private get; set; } = () => 0;

    /// <summary>Counts a script that was forked from an interpreter (<paramref name="reason"/> is <see langword="null"/>), or why it was not.</summary>
    public void Started(string? reason)
    {
        if (reason is null)
            _starts.Add(1, new KeyValuePair<string, object?>("servo.start", "warm"));
        else
            _starts.Add(1, new KeyValuePair<string, object?>("servo.start", "cold"), new KeyValuePair<string, object?>("servo.reason", reason));
    }

    /// <summary>Counts a script that is in no sandbox, and why.</summary>
    public void Unconfined(string reason) => _unconfined.Add(1, new KeyValuePair<string, object?>("servo.reason", reason));
}
