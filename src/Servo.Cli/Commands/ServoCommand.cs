using System.CommandLine;
using System.CommandLine.Help;
using Servo.Cli.Options;
using Servo.Cli.Terminal;

namespace Servo.Cli.Commands;

/// <summary>The root command: the list of commands.</summary>
internal sealed class ServoCommand : RootCommand
{
    public ServoCommand(StandardStreams streams, Interruption interruption) : base(
        "The command line of Servo, a continuous-deployment gateway: packs, signs and uploads bundles of scripts, and follows their run.")
    {
        // The library's own also answers to /h and /?, which are paths here.
        Options.Remove(Options.OfType<HelpOption>().Single());
        Add(new HelpOption("--help", ["-h"]) { Action = new HelpWithExamples(), Recursive = true });
        Add(new RefusedTokenOption());

        Add(new RunCommand(streams, interruption));
        Add(new PsCommand(streams));
        Add(new ShowCommand(streams));
        Add(new LogsCommand(streams));
        Add(new WaitCommand(streams));
        Add(new CancelCommand(streams));
        Add(new PackCommand(streams));
        Add(new SignCommand(streams));
        Add(new EncryptCommand(streams));
        Add(new DecryptCommand(streams));
        Add(new KeygenCommand(streams));
        Add(new CompletionCommand(streams));

        SetAction(result =>
        {
            new HelpWithExamples().Invoke(result);
            return ExitCode.WrongUsage;
        });
    }
}
