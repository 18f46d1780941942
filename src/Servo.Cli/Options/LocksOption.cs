using System.CommandLine;
using Servo.Client;
using Servo.Shared;

namespace Servo.Cli.Options;

/// <summary>The locks of a run, as <c>NAME</c> or <c>NAME;shared</c>.</summary>
internal sealed class LocksOption : Option<RunLock[]>
{
    public LocksOption() : base("--lock")
    {
        Description = "A lock: runs with one in common wait for each other, in order of arrival, unless all of them share it. May be given "
            + "several times.";
        HelpName = "NAME[;shared]";
        Arity = ArgumentArity.OneOrMore;
        DefaultValueFactory = static _ => [];
        CustomParser = static result =>
        {
            var locks = new List<RunLock>();

            foreach (var token in result.Tokens)
            {
                try
                {
                    locks.Add(RunLock.Parse(token.Value));
                }
                catch (ArgumentException e)
                {
                    result.AddError(ArgumentMessage.Of(e));
                }
            }

            return [.. locks];
        };
    }
}
