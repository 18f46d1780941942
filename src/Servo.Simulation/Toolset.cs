using Servo.Simulation.Commands;

namespace Servo.Simulation;

/// <summary>Finds the command that a line names by its first word and runs it. Not safe for use by several threads at a time.</summary>
internal sealed class Toolset(SimulatedCluster cluster)
{
    private static readonly SortedDictionary<string, SimulatedCommand> _commands = new(
        new SimulatedCommand[]
        {
            new BumpCommand(), new DeployCommand(), new ExecCommand(), new GrepCommand(), PodsCommand.Kill, new LogCommand(), new LsCommand(),
            PodsCommand.Off, PodsCommand.On, new PollCommand(), new PortCommand(), PodsCommand.Reset, new ScaleCommand(),
        }.ToDictionary(command => command.Name),
        StringComparer.Ordinal);

    private static string Available => $"available commands -> {string.Join(", ", _commands.Keys)}";

    public CommandOutcome Run(string line, UploadedFiles files)
    {
        if (ShellWords.Split(line) is not { } words)
            return CommandOutcome.Failed("error: a quote is not closed");

        var name = words.FirstOrDefault("");

        if (_commands.TryGetValue(name, out var command))
            return command.Run([.. words.Skip(1)], cluster, files);

        return name == "help" ? new CommandOutcome(true, Available) : CommandOutcome.Failed($"unknown command ({Available})");
    }
}
