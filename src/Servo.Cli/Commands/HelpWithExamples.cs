using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Servo.Cli.Commands;

/// <summary>The library's help, with the examples of the command below it; for the tool as a whole, what all commands have in common.</summary>
internal sealed class HelpWithExamples : SynchronousCommandLineAction
{
    private const string Common =
        """
        Environment:
          SERVO_URL       Address of the gateway, unless --url is given.
          SERVO_TOKEN     The servo token, unless --token-file is given. It is never taken from the command line.
          NO_COLOR, CI    No colours and no progress bar, on a terminal too.
          GITHUB_ACTIONS  'run' writes for a log of GitHub Actions, and errors are annotations.

        Exit codes:
          0    success
          1    the run failed
          2    wrong usage: words, files or settings that cannot be used as they are
          3    the gateway refused, could not be reached, or the run's end is not known
          70   a fault of the tool
          130  interrupted; a run that has begun is not stopped

        Examples:
          servo run deploy deploy.py check.py
          servo completion --help
        """;

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var code = new HelpAction().Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;

        if (parseResult.CommandResult.Command is ToolCommand command)
            output.WriteLine($"Examples:\n{string.Join('\n', command.Examples.Select(example => $"  {example}"))}");
        else
            output.WriteLine(Common);

        return code;
    }
}
