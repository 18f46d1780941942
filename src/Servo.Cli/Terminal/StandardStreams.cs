namespace Servo.Cli.Terminal;

/// <summary>The standard streams of the process.</summary>
internal sealed record StandardStreams(Stream Input, StandardStream Output, StandardStream Error, bool IsOnGitHub)
{
    public static StandardStreams OfProcess()
    {
        var takesEscapes = TakesEscapes;

        // The runtime's own console would put the terminal into application mode with its first write (terminfo's smkx),
        // and the command line library would colour through it, also under NO_COLOR. This variable is all that they ask.
        Environment.SetEnvironmentVariable("TERM", "dumb");

        return new StandardStreams(
            Console.OpenStandardInput(),
            new StandardStream(Console.OpenStandardOutput(), !Console.IsOutputRedirected, takesEscapes),
            new StandardStream(Console.OpenStandardError(), !Console.IsErrorRedirected, takesEscapes),
            IsSet("GITHUB_ACTIONS"));
    }

    /// <summary>Writes an error to standard error; on GitHub as an annotation.</summary>
    public void Fail(string text) => Tell("error", text, Style.Red);

    /// <summary>Writes a warning to standard error; on GitHub as an annotation.</summary>
    public void Warn(string text) => Tell("warning", text, Style.Plain);

    /// <summary>Adds a line to an error or a warning.</summary>
    public void Hint(string text)
    {
        if (!IsOnGitHub)
        {
            Error.WriteLine(text);
            return;
        }

        using var commands = new WorkflowCommands(Error);
        commands.WriteOwnLine(text);
    }

    private void Tell(string command, string text, Style style)
    {
        if (IsOnGitHub)
            new WorkflowCommands(Error).Send(command, text, ("title", "servo"));
        else
            Error.WriteLine(command == "error" ? $"servo: {text}" : $"servo: {command}: {text}", style);
    }

    // no-color.org: any value but the empty one counts. A build server's log keeps what a terminal would overwrite, whether it is a
    // terminal or not.
    private static bool TakesEscapes =>
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") != "dumb"
        && !IsSet("CI") && !IsSet("GITHUB_ACTIONS");

    private static bool IsSet(string name) =>
        Environment.GetEnvironmentVariable(name)?.ToLowerInvariant() is not (null or "" or "0" or "false");
}
