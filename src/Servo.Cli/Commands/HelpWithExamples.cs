using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Servo.Cli.Commands;

/// <summary>The library's help, followed by the command's examples, or for the root command by what all commands share.</summary>
internal sealed class HelpWithExamples : SynchronousCommandLineAction
{
    private const string Common =
        """
        Environment:
          SERVO_URL       Address of the gateway, unless --url is given.
          SERVO_TOKEN     The servo token, unless --token-file is given. It is never taken from the command line.
          NO_COLOR, CI    No colours and no progress bar, even on a terminal.
          GITHUB_ACTIONS  'run' writes a log for GitHub Actions, and errors are annotations.

        Exit codes:
          0    success
          1    the run failed
          2    wrong usage: invalid arguments, files or settings
          3    the gateway refused or could not be reached, or the outcome is unknown
          70   a bug in the tool
          130  interrupted; 'run' cancels its run, and leaves it at a second signal; other commands change no run

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
