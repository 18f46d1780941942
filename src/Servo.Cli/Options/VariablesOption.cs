using System.CommandLine;
using System.CommandLine.Parsing;

namespace Servo.Cli.Options;

/// <summary>Variables of the scripts, as <c>NAME=VALUE</c>; what follows the first <c>=</c> is the value.</summary>
internal sealed class VariablesOption : Option<Dictionary<string, string>>
{
    public VariablesOption() : base("--var")
    {
        Description = "A variable of the scripts' environment: $NAME, in capitals. May be given several times. It is shown in the log: "
            + "put secrets into an encrypted file.";
        HelpName = "NAME=VALUE";
        Arity = ArgumentArity.OneOrMore;
        CustomParser = Parse;
        DefaultValueFactory = static _ => [];
    }

    private static Dictionary<string, string> Parse(ArgumentResult result)
    {
        var variables = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

        foreach (var text in result.Tokens.Select(token => token.Value))
        {
            var parts = text.Split('=', 2);

            if (parts.Length < 2 || parts[0].Length == 0)
                result.AddError($"'{text}' is not a variable: give --var NAME=VALUE.");
            else if (!variables.TryAdd(parts[0], parts[1]))
                result.AddError($"The variable '{parts[0]}' is given twice.");
        }

        return variables;
    }
}
