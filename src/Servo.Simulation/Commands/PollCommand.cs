using System.Text.Json.Nodes;

namespace Servo.Simulation.Commands;

/// <summary>Shows the metrics of each pod.</summary>
internal sealed class PollCommand() : SimulatedCommand("poll", new("[-j] [glob]", "Shows the metrics of each pod.", 0, 1, CommandSwitch.Json))
{
    protected override CommandOutcome Run(CommandArguments arguments, CommandContext context)
    {
        var pods = context.Cluster.Find(arguments.Words.FirstOrDefault("*"));

        return PodReport.Of([.. pods.Select(pod => (pod, Metrics(pod)))], arguments.Has("-j"), ["metrics"], metrics => [Json.Write(metrics)]);
    }

    // A pod that is turned off has no metrics.
    private static JsonObject Metrics(SimulatedPod pod) => pod.Process == "running" ? new JsonObject { ["uptime"] = pod.Uptime } : [];
}
