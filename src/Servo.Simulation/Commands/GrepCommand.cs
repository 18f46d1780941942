using System.Text.Json.Nodes;

namespace Servo.Simulation.Commands;

/// <summary>Shows where each pod is and how it does.</summary>
internal sealed class GrepCommand() : SimulatedCommand("grep", new("[-j] [glob]", "Shows where each pod is and how it does.", 0, 1, CommandSwitch.Json))
{
    protected override CommandOutcome Run(CommandArguments arguments, CommandContext context)
    {
        var pods = context.Cluster.Find(arguments.Words.FirstOrDefault("*")).Select(pod => (pod, Shown: new JsonObject
        {
            ["ip"] = SimulatedPod.Ip,
            ["node"] = SimulatedPod.Node,
            ["process"] = pod.Process,
            ["state"] = context.Cluster.IsLeader(pod) ? "leader" : "follower",
        }));

        return PodReport.Of([.. pods], arguments.Has("-j"), ["ip", "node", "process", "state"], PodReport.Cells);
    }
}
