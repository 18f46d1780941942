using System.CommandLine;
using Servo.Cli.Terminal;

namespace Servo.Cli.Commands;

/// <summary>
/// Prints a script with which a shell completes commands and options by asking the tool itself: <c>servo "[suggest:POSITION]" "LINE"</c>.
/// </summary>
internal sealed class CompletionCommand : ToolCommand
{
    private const string Bash =
        """
        _servo() {
          # The words that the tool knows, one a line; where it knows none, bash completes names of files.
          local IFS=$'\n'
          COMPREPLY=($(compgen -W "$(servo "[suggest:$COMP_POINT]" "$COMP_LINE" 2> /dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _servo servo
        """;

    private const string Zsh =
        """
        #compdef servo
        _servo() {
          local -a words_known
          words_known=("${(@f)$(servo "[suggest:$CURSOR]" "$BUFFER" 2> /dev/null)}")
          compadd -- "${(@)words_known:#}"
          _files
        }
        (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
        compdef _servo servo
        """;

    private const string Fish =
        """
        function __servo_complete
          set -l line (commandline -cp)
          servo "[suggest:"(string length -- "$line")"]" "$line" 2> /dev/null
        end
        complete -c servo -a '(__servo_complete)'
        """;

    private const string PowerShell =
        """
        Register-ArgumentCompleter -Native -CommandName servo -ScriptBlock {
          param($word, $line, $position)
          servo "[suggest:$position]" "$line" | Where-Object { $_ -like "$word*" } | ForEach-Object {
            [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
          }
        }
        """;

    private static readonly Dictionary<string, string> _scripts = new(StringComparer.Ordinal)
    {
        ["bash"] = Bash,
        ["zsh"] = Zsh,
        ["fish"] = Fish,
        ["pwsh"] = PowerShell,
    };

    private readonly Argument<string> _shell = new("SHELL") { Description = "The shell: bash, zsh, fish or pwsh." };

    public CompletionCommand(StandardStreams streams) : base(
        "completion",
        "Prints a script with which a shell completes commands and options. Run it in the shell's start-up file.",
        "bash: echo 'source <(servo completion bash)' >> ~/.bashrc",
        "zsh:  echo 'source <(servo completion zsh)' >> ~/.zshrc",
        "fish: servo completion fish > ~/.config/fish/completions/servo.fish",
        "pwsh: Add-Content $PROFILE 'servo completion pwsh | Out-String | Invoke-Expression'")
    {
        _shell.AcceptOnlyFromAmong([.. _scripts.Keys]);
        Add(_shell);
        SetAction(result =>
        {
            streams.Output.WriteLine(_scripts[result.GetRequiredValue(_shell)]);
            return ExitCode.Success;
        });
    }
}
