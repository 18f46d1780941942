using System.Globalization;
using System.Text.Json.Nodes;

namespace Servo.Simulation.Commands;

/// <summary>Shows where a port of each pod can be reached.</summary>
internal sealed class PortCommand()
    : SimulatedCommand("port", new("[-j] port [glob]", "Shows where a port of each pod can be reached.", 1, 2, CommandSwitch.Json))
{
    protected override CommandOutcome Run(CommandArguments arguments, CommandContext context)
    {
        if (!int.TryParse(arguments.Words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return Misused($"argument port: invalid int value: '{arguments.Words[0]}'");

        var pods = context.Cluster.Find(arguments.Words.ElementAtOrDefault(1) ?? "*")
            .Where(pod => pod.Ports.ContainsKey(port))
            .Select(pod => (pod, Shown: new JsonObject
            {
                ["ip"] = SimulatedPod.Ip,
                ["public"] = SimulatedPod.Ip,
                ["ports"] = pod.Ports[port].ToString(CultureInfo.InvariantCulture),
            }));

        return PodReport.Of([.. pods], arguments.Has("-j"), ["ip", "public", "ports"], PodReport.Cells);
    }
}
