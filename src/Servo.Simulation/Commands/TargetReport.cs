using System.Text.Json.Nodes;

namespace Servo.Simulation.Commands;

/// <summary>The common form of the commands that do something to several targets: an object by target, as typed, or a percentage.</summary>
internal sealed class TargetReport(string member)
{
    private readonly JsonObject _targets = [];
    private int _asked;
    private int _done;

    public void Add(string target, bool ok, JsonNode value)
    {
        _targets[target] = new JsonObject { ["ok"] = ok, [member] = value };
        _asked++;
        _done += ok ? 1 : 0;
    }

    public CommandOutcome ToOutcome(bool json, string change) =>
        new(_done == _asked, json ? Json.Write(_targets) : $"{100 * _done / _asked}% success ({change} pods)");
}
