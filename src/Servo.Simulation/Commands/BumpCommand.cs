namespace Servo.Simulation.Commands;

/// <summary>Replaces the pods of each application by as many new ones, of another version of their image or of the same.</summary>
internal sealed class BumpCommand() : SimulatedCommand("bump", new(
    "[-j] [-v version] [-t seconds] [--strict] glob [glob ...]", "Replaces pods by new ones.", 1, int.MaxValue,
    CommandSwitch.Json, CommandSwitch.Strict, CommandSwitch.Timeout, new("-v", SwitchTakes.Text)))
{
    protected override CommandOutcome Run(CommandArguments arguments, CommandContext context)
    {
        var report = new TargetReport("up");
        var total = 0;

        foreach (var glob in arguments.Words)
        {
            var old = context.Cluster.Find(glob);
            context.Cluster.Remove(old);

            var up = old.GroupBy(pod => (pod.Cluster, pod.Application))
                .SelectMany(pods => Start(pods.First(), pods.Count(), arguments.Text("-v"), context.Cluster))
                .ToArray();

            report.Add(glob, up.Length > 0, Json.Array(up.Select(pod => pod.Sequence)));
            total += up.Length;
        }

        return report.ToOutcome(arguments.Has("-j"), $"+{total}");
    }

    private static IReadOnlyList<SimulatedPod> Start(SimulatedPod old, int count, string? version, SimulatedCluster cluster) =>
        cluster.Start(old.Cluster, version is null ? old.Definition : old.Definition.WithTag(version), count);
}
