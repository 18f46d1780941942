using System.CommandLine;

namespace Servo.Cli.Options;

/// <summary>The option that users try first, which exists only to be refused with a reason.</summary>
internal sealed class RefusedTokenOption : Option<string?>
{
    public RefusedTokenOption() : base("--token")
    {
        Hidden = true;
        Recursive = true;
        Arity = ArgumentArity.ZeroOrOne;
        Validators.Add(static result => result.AddError(
            "A token on the command line is refused: other users of this machine can see it there. Set SERVO_TOKEN, or give "
                + "--token-file."));
    }
}
