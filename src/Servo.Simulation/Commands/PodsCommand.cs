using System.Text.Json.Nodes;

namespace Servo.Simulation.Commands;

/// <summary>Does one thing to each pod that is named: kill, on, off or reset.</summary>
internal sealed class PodsCommand : SimulatedCommand
{
    public static readonly PodsCommand Kill = new("kill", "Ends pods for good.", "down", "-", Sequences, (cluster, pod) => cluster.Remove([pod]));
    public static readonly PodsCommand On = new("on", "Turns the process of pods on.", "on", "", Names, (_, pod) => pod.TurnOn());
    public static readonly PodsCommand Off = new("off", "Turns the process of pods off.", "off", "", Names, (_, pod) => pod.TurnOff());
    public static readonly PodsCommand Reset = new("reset", "Lets pods register again.", "reset", "", Sequences, (_, pod) => pod.Write("registered again"));

    private readonly string _member;
    private readonly string _sign;
    private readonly Func<IReadOnlyList<SimulatedPod>, JsonArray> _show;
    private readonly Action<SimulatedCluster, SimulatedPod> _act;

    private PodsCommand(
        string name, string summary, string member, string sign, Func<IReadOnlyList<SimulatedPod>, JsonArray> show, Action<SimulatedCluster, SimulatedPod> act)
        : base(name, new("[-j] [-t seconds] (-i n [n ...] | --force) glob [glob ...]", summary, 1, int.MaxValue,
            CommandSwitch.Json, CommandSwitch.Force, CommandSwitch.Pods, CommandSwitch.Timeout)) =>
        (_member, _sign, _show, _act) = (member, sign, show, act);

    protected override CommandOutcome Run(CommandArguments arguments, CommandContext context)
    {
        if (!arguments.Has("-i") && !arguments.Has("--force"))
            return CommandOutcome.ShutDown("name the pods with -i, or all of them with --force");

        var report = new TargetReport(_member);
        var total = 0;

        foreach (var glob in arguments.Words)
        {
            var pods = context.Cluster.Find(glob, arguments.Numbers("-i"));
            context.Trace.Add($"{glob} : {pods.Count} pods");

            foreach (var pod in pods)
                _act(context.Cluster, pod);

            report.Add(glob, pods.Count > 0, _show(pods));
            total += pods.Count;
        }

        return report.ToOutcome(arguments.Has("-j"), $"{(total > 0 ? _sign : "")}{total}");
    }

    private static JsonArray Sequences(IReadOnlyList<SimulatedPod> pods) => Json.Array(pods.Select(pod => pod.Sequence));

    // The original shows names here where all its other commands show numbers.
    private static JsonArray Names(IReadOnlyList<SimulatedPod> pods) => Json.Array(pods.Select(pod => pod.Name));
}
