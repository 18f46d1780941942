using System.Text.Json.Nodes;

namespace Servo.Simulation.Commands;

/// <summary>Runs a tool of the simulated pods. An unknown tool is what it is in a real pod: no answer.</summary>
internal sealed class ExecCommand() : SimulatedCommand("exec", new(
    "[-j] [-t seconds] (-i n [n ...] | --force) glob tool [arguments ...]",
    $"Runs a tool of each pod: {string.Join(", ", SimulatedPodTools.Names)}.", 2, int.MaxValue,
    CommandSwitch.Json, CommandSwitch.Force, CommandSwitch.Pods, CommandSwitch.Timeout)
{ KeepsUnknownSwitches = true })
{
    protected override CommandOutcome Run(CommandArguments arguments, CommandContext context)
    {
        if (!arguments.Has("-i") && !arguments.Has("--force"))
            return CommandOutcome.ShutDown("name the pods with -i, or all of them with --force");

        var glob = arguments.Words[0];
        var pods = context.Cluster.Find(glob, arguments.Numbers("-i"));
        var printed = SimulatedPodTools.Run([.. arguments.Words.Skip(1)], context.Files);
        var answered = printed is null ? [] : pods;

        var text = arguments.Has("-j")
            ? Json.Write(Json.Object(answered.Select(pod => (pod.Name, Reply(printed!)))))
            : Replies.Format(glob, pods.Count, answered.Select(pod => ($"{pod.Name} (exit code 0)", printed!.AsEnumerable())));

        return new CommandOutcome(answered.Count > 0, text);
    }

    private static JsonObject Reply(IEnumerable<string> printed) => new JsonObject { ["code"] = 0, ["stdout"] = Json.Array(printed) };
}
