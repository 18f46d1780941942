namespace Servo.Cli.Terminal;

/// <summary>What the process reads and writes.</summary>
internal sealed record StandardStreams(Stream Input, StandardStream Output, StandardStream Error)
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
            new StandardStream(Console.OpenStandardError(), !Console.IsErrorRedirected, takesEscapes));
    }

    // no-color.org: any value but the empty one counts.
    private static bool TakesEscapes =>
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") != "dumb";
}
