using System.CommandLine;
using Servo.Cli.Terminal;

namespace Servo.Cli.Options;

/// <summary>Whether to write a log for GitHub Actions.</summary>
internal sealed class GitHubOption : Option<bool?>
{
    public GitHubOption() : base("--github")
    {
        Description = "Write a log for GitHub Actions, all to standard output: a group for each script, annotations for errors and "
            + "warnings. --github false turns it off. [default: whether $GITHUB_ACTIONS is set]";
        Arity = ArgumentArity.ZeroOrOne;
    }

    public bool Read(ParseResult result, StandardStreams streams) =>
        result.GetResult(this) is null ? streams.IsOnGitHub : result.GetValue(this) ?? true;
}
