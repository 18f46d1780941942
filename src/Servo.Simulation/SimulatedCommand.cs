namespace Servo.Simulation;

/// <summary>What a tool printed, and whether its exit code was 0.</summary>
internal sealed record CommandOutcome(bool Ok, string Out)
{
    public static CommandOutcome Failed(string text) => new(false, text);

    /// <summary>How the toolset ends where something that a tool relies on does not hold.</summary>
    public static CommandOutcome ShutDown(string why) => Failed($"shutting down <- {why}");
}

/// <summary>What a command works on. <paramref name="Trace"/> collects what <c>-d</c> shows before the output.</summary>
internal sealed record CommandContext(SimulatedCluster Cluster, UploadedFiles Files, List<string> Trace);

/// <summary>One command of the simulated toolset. Parsing, usage and <c>-h</c>, <c>-d</c>, <c>-j</c> are the same for all of them.</summary>
internal abstract class SimulatedCommand(string name, CommandSyntax syntax)
{
    private readonly CommandSyntax _syntax = syntax with { Switches = [.. syntax.Switches, new("-h"), new("-d")] };

    public string Name => name;

    private string Usage => $"usage: {name} [-h] [-d] {syntax.Usage}\n\n{syntax.Summary}";

    public CommandOutcome Run(IReadOnlyList<string> words, SimulatedCluster cluster, UploadedFiles files)
    {
        if (words.Contains("-h"))
            return new CommandOutcome(true, Usage);

        if (_syntax.Parse(words, out var error) is not { } arguments)
            return Misused(error);

        var context = new CommandContext(cluster, files, [$"{name} {string.Join(' ', words)}"]);
        var outcome = Run(arguments, context);

        return arguments.Has("-d") ? outcome with { Out = string.Join('\n', [.. context.Trace.Select(line => $"debug : {line}"), outcome.Out]) } : outcome;
    }

    protected abstract CommandOutcome Run(CommandArguments arguments, CommandContext context);

    protected CommandOutcome Misused(string error) => CommandOutcome.Failed($"error: {error}\n\n{Usage}");
}
