using System.Text.Json.Nodes;

namespace Servo.Simulation.Commands;

/// <summary>Counts the pods of each cluster.</summary>
internal sealed class LsCommand() : SimulatedCommand("ls", new("[-j] [glob]", "Counts the pods of each cluster.", 0, 1, CommandSwitch.Json))
{
    protected override CommandOutcome Run(CommandArguments arguments, CommandContext context)
    {
        var clusters = context.Cluster.Find(arguments.Words.FirstOrDefault("*"))
            .GroupBy(pod => pod.Cluster)
            .Select(pods => (Name: pods.Key, Total: pods.Count(), Running: pods.Count(pod => pod.Process == "running")))
            .ToArray();

        if (arguments.Has("-j"))
            return new CommandOutcome(true, Json.Write(Json.Object(clusters.Select(cluster => (cluster.Name, Counts(cluster.Total, cluster.Running))))));

        var rows = clusters.Select(cluster => new[] { cluster.Name, $"{cluster.Running}/{cluster.Total}", "" });
        var table = TextTable.Format(["cluster", "running", "status"], rows);
        return new CommandOutcome(true, $"{clusters.Length} clusters ->\n\n{table}");
    }

    // A simulated leader has never anything to report.
    private static JsonObject Counts(int total, int running) => new JsonObject { ["total"] = total, ["running"] = running, ["status"] = "" };
}
