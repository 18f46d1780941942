namespace Servo.Simulation.Commands;

/// <summary>Shows the log of each pod. It has no JSON form.</summary>
internal sealed class LogCommand() : SimulatedCommand("log", new("[-l] [-i n [n ...]] [glob]", "Shows the last 16 lines of each pod's log; -l shows all.", 0, 1,
    new CommandSwitch("-l"), CommandSwitch.Pods))
{
    private const int Shown = 16;

    protected override CommandOutcome Run(CommandArguments arguments, CommandContext context)
    {
        var glob = arguments.Words.FirstOrDefault("*");
        var pods = context.Cluster.Find(glob, arguments.Numbers("-i"));

        return new CommandOutcome(true, Replies.Format(glob, pods.Count, pods.Select(pod =>
            (pod.Name, pod.Log.TakeLast(arguments.Has("-l") ? pod.Log.Count : Shown)))));
    }
}
