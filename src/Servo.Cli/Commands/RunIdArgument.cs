using System.CommandLine;

namespace Servo.Cli.Commands;

/// <summary>The id of a run that the gateway keeps.</summary>
internal sealed class RunIdArgument : Argument<string>
{
    public RunIdArgument() : base("ID") => Description = "The run's whole id, as 'servo run' and 'servo ps' print it.";
}
