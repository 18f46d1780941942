using System.CommandLine;
using System.CommandLine.Invocation;
using Servo.Cli.Commands;
using Servo.Cli.Terminal;

namespace Servo.Cli;

/// <summary>Runs a command line and returns its exit code.</summary>
internal static class ToolApplication
{
    public static async Task<int> RunAsync(string[] args, StandardStreams streams, Interruption interruption)
    {
        try
        {
            // An argument that starts with @ is a name like any other, not a response file.
            var result = new ServoCommand(streams, interruption).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
            var invocation = new InvocationConfiguration
            {
                Output = args.Length > 0 ? streams.Output.Writer : streams.Error.Writer,
                Error = streams.Error.Writer,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };

            if (result.Action is ParseErrorAction)
                return Explain(result, streams);

            return await result.InvokeAsync(invocation, interruption.Token);
        }
        catch (Exception e)
        {
            var failure = CommandFailure.From(e, interruption.Token.IsCancellationRequested);
            TryFail(streams, failure);
            return failure.ExitCode;
        }
    }

    private static void TryFail(StandardStreams streams, CommandFailure failure)
    {
        try
        {
            streams.Fail(failure.Detail);
        }
        catch (OutputException)
        {
            // Nobody can be told; the exit code remains.
        }
    }

    private static int Explain(ParseResult result, StandardStreams streams)
    {
        foreach (var each in result.Errors.Select(each => each.Message).Distinct())
            streams.Fail(each);

        foreach (var line in Suggestions(result))
            streams.Hint(line);

        streams.Hint($"Run '{HelpCommand(result.CommandResult.Command)}' for usage.");
        return ExitCode.WrongUsage;
    }

    // The library alone knows its suggestions, and prints them among its own errors and help, on both streams and in colour.
    private static string[] Suggestions(ParseResult result)
    {
        using var output = new StringWriter();
        var action = new ParseErrorAction { ShowHelp = false, ShowTypoCorrections = true };
        result.InvocationConfiguration.Output = output;
        result.InvocationConfiguration.Error = TextWriter.Null;
        action.Invoke(result);

        return output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    private static string HelpCommand(Command command) =>
        command is RootCommand ? "servo --help" : $"servo {command.Name} --help";
}
