namespace Servo.Simulation.Commands;

/// <summary>Starts pods from container definitions that come with the command.</summary>
internal sealed class DeployCommand() : SimulatedCommand("deploy", new(
    "[-j] [-n namespace] [-p pods] [-o yaml [yaml ...]] [-r tag] [-s suffix] [-t seconds] [--strict] yaml [yaml ...]",
    "Starts pods from container definitions.", 1, int.MaxValue,
    CommandSwitch.Json, CommandSwitch.Strict, CommandSwitch.Timeout, new("-n", SwitchTakes.Text), new("-p", SwitchTakes.Number),
    new("-o", SwitchTakes.Texts), new("-r", SwitchTakes.Text), new("-s", SwitchTakes.Text)))
{
    protected override CommandOutcome Run(CommandArguments arguments, CommandContext context)
    {
        var report = new TargetReport("up");
        var total = 0;

        foreach (var file in arguments.Words)
        {
            var up = Deploy(file, arguments, context);
            report.Add(file, up.Count > 0, Json.Array(up.Select(pod => pod.Sequence)));
            total += up.Count;
        }

        return report.ToOutcome(arguments.Has("-j"), $"+{total}");
    }

    private static IReadOnlyList<SimulatedPod> Deploy(string file, CommandArguments arguments, CommandContext context)
    {
        var yaml = Read(file, context.Files);
        var definition = ContainerDefinition.From(yaml, out var problem);
        var cluster = $"{arguments.Text("-n") ?? "marathon"}.{definition?.Cluster}{(arguments.Text("-s") is { } suffix ? $"-{suffix}" : "")}";
        var count = arguments.Number("-p") ?? 1;

        problem = definition is null ? problem
            : !ContainerDefinition.IsName(cluster) ? $"'{cluster}' is not a valid name"
            : count < 1 ? "-p is not at least 1"
            : HoldsNull(yaml!, cluster, arguments, context.Files) ? "a setting is null"
            : "";

        var up = problem == "" ? context.Cluster.Start(cluster, arguments.Text("-r") is { } tag ? definition!.WithTag(tag) : definition!, count) : [];

        if (problem == "" && up.Count == 0)
            problem = $"there is room for {SimulatedCluster.Capacity} pods only";

        context.Trace.Add($"{file} : {(problem == "" ? $"{up.Count} pods of {cluster}" : problem)}");

        return up;
    }

    private static bool HoldsNull(YamlValue yaml, string cluster, CommandArguments arguments, UploadedFiles files)
    {
        var settings = yaml["settings"] ?? new YamlValue { Members = new Dictionary<string, YamlValue>() };

        return arguments.Texts("-o").Aggregate(settings, (merged, file) => merged.MergedWith(Read(file, files)?[cluster])).HoldsNull;
    }

    private static YamlValue? Read(string file, UploadedFiles files) => files.Find(file) is { Content: { } content } ? YamlReader.Read(content) : null;
}
