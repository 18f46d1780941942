using System.Globalization;

namespace Servo.Simulation.Commands;

/// <summary>Changes how many pods each cluster has, to a number or by a factor.</summary>
internal sealed class ScaleCommand() : SimulatedCommand("scale", new(
    "[-j] [-g n] [--fifo] [-t seconds] -f (@n | xF) glob [glob ...]",
    "Changes the number of pods to n, or by the factor F; the newest go first, with --fifo the oldest.", 1, int.MaxValue,
    CommandSwitch.Json, CommandSwitch.Timeout, new("--fifo"), new("-f", SwitchTakes.Text), new("-g", SwitchTakes.Number)))
{
    protected override CommandOutcome Run(CommandArguments arguments, CommandContext context)
    {
        if (arguments.Text("-f") is not { } factor || Target(factor, 1) is null)
            return CommandOutcome.ShutDown("-f takes @n or xF, such as @3 or x1.5");

        // As in the original, a target without pods ends the whole command before there is any result.
        if (arguments.Words.FirstOrDefault(glob => Groups(glob, arguments, context).Length == 0) is { } empty)
            return CommandOutcome.ShutDown($"{empty} has no pods (KeyError 'delta')");

        var report = new TargetReport("delta");
        var total = 0;

        foreach (var glob in arguments.Words)
        {
            var changes = Groups(glob, arguments, context)
                .Select(pods => Scale([.. pods], Target(factor, pods.Length)!.Value, arguments.Has("--fifo"), context.Cluster))
                .ToArray();

            var delta = changes.Sum(change => change ?? 0);
            report.Add(glob, !changes.Contains(null), delta);
            total += delta;
        }

        return report.ToOutcome(arguments.Has("-j"), total.ToString("+0;-0;0", CultureInfo.InvariantCulture));
    }

    // -g narrows a cluster down to the application that one of its pods belongs to.
    private static SimulatedPod[][] Groups(string glob, CommandArguments arguments, CommandContext context) =>
    [
        .. context.Cluster.Find(glob)
            .GroupBy(pod => pod.Cluster)
            .Select(pods => arguments.Number("-g") is { } group ? OfApplication([.. pods], group) : [.. pods])
            .Where(pods => pods.Length > 0),
    ];

    private static SimulatedPod[] OfApplication(SimulatedPod[] pods, int sequence)
    {
        var application = Array.Find(pods, pod => pod.Sequence == sequence)?.Application;
        return [.. pods.Where(pod => pod.Application == application)];
    }

    private static int? Scale(SimulatedPod[] pods, int target, bool oldestFirst, SimulatedCluster cluster)
    {
        if (target > pods.Length)
            return cluster.StartLike(pods[^1], target - pods.Length) is { Count: > 0 } started ? started.Count : null;

        var surplus = pods.Length - target;
        cluster.Remove(oldestFirst ? pods[..surplus] : pods[target..]);
        return -surplus;
    }

    // Past the capacity any number is as good as any other, and none can overflow.
    private static int? Target(string factor, int pods)
    {
        if (factor is not ['@' or 'x', ..] || !decimal.TryParse(factor.AsSpan(1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            return null;

        var bounded = Math.Min(number, SimulatedCluster.Capacity + 1);

        return factor[0] == 'x' ? (int)(pods * bounded) : decimal.IsInteger(number) ? (int)bounded : null;
    }
}
