using Servo.CommandLines;

namespace Servo.Simulation;

/// <summary>What follows a switch.</summary>
internal enum SwitchTakes { Nothing, Text, Number, Texts, Numbers }

/// <summary>A switch of a command.</summary>
internal sealed record CommandSwitch(string Name, SwitchTakes Takes = SwitchTakes.Nothing)
{
    public static readonly CommandSwitch Json = new("-j");
    public static readonly CommandSwitch Force = new("--force");
    public static readonly CommandSwitch Strict = new("--strict");
    public static readonly CommandSwitch Pods = new("-i", SwitchTakes.Numbers);

    /// <summary>Checked and then ignored: nothing takes time here.</summary>
    public static readonly CommandSwitch Timeout = new("-t", SwitchTakes.Number);
}

/// <summary>What a command line may look like; refuses all else in the words of the toolset's own parser.</summary>
/// <param name="Usage">The words that the usage text shows after the command's name.</param>
/// <param name="Summary">What the command does.</param>
/// <param name="FewestWords">How many words beside the switches there must be.</param>
/// <param name="MostWords">How many there may be.</param>
/// <param name="Switches">The switches that it knows.</param>
internal sealed record CommandSyntax(string Usage, string Summary, int FewestWords, int MostWords, params CommandSwitch[] Switches)
{
    /// <summary>Whether unknown switches count as words, as <c>exec</c> hands them on to the pods.</summary>
    public bool KeepsUnknownSwitches { get; init; }

    /// <summary>Parses the words after the command's name; <paramref name="error"/> is set when the answer is <see langword="null"/>.</summary>
    public CommandArguments? Parse(IReadOnlyList<string> given, out string error)
    {
        var words = new List<string>();
        var values = new Dictionary<string, IReadOnlyList<string>>();

        for (var i = 0; i < given.Count;)
        {
            var word = given[i++];

            if (word == "--")
            {
                words.AddRange(given.Skip(KeepsUnknownSwitches ? i - 1 : i));
                break;
            }

            var option = OptionWord.Read(word, Names, out var unknown);

            if (unknown is not null && !KeepsUnknownSwitches)
            {
                error = unknown;
                return null;
            }

            if (Switches.FirstOrDefault(known => known.Name == option.Name) is not { } known)
            {
                words.Add(word);
                continue;
            }

            values[known.Name] = option.Value is { } value ? [value] : TakeValues(known.Takes, given, ref i);

            if ((error = Problem(known, values[known.Name])) != "")
                return null;
        }

        error = words.Count < FewestWords ? "too few arguments"
            : words.Count > MostWords ? $"unrecognized arguments: {string.Join(' ', words.Skip(MostWords))}"
            : "";

        return error == "" ? new CommandArguments(words, values) : null;
    }

    private IEnumerable<string> Names => Switches.Select(known => known.Name);

    private List<string> TakeValues(SwitchTakes takes, IReadOnlyList<string> given, ref int next)
    {
        var most = takes switch { SwitchTakes.Nothing => 0, SwitchTakes.Text or SwitchTakes.Number => 1, _ => int.MaxValue };
        var values = new List<string>();

        while (values.Count < most && next < given.Count && IsValue(given[next]))
            values.Add(given[next++]);

        return values;
    }

    private static string Problem(CommandSwitch known, IReadOnlyList<string> values) => known.Takes switch
    {
        SwitchTakes.Nothing when values.Count > 0 => $"argument {known.Name}: ignored explicit argument '{values[0]}'",
        SwitchTakes.Text or SwitchTakes.Number when values.Count == 0 => $"argument {known.Name}: expected one argument",
        SwitchTakes.Texts or SwitchTakes.Numbers when values.Count == 0 => $"argument {known.Name}: expected at least one argument",
        SwitchTakes.Number or SwitchTakes.Numbers when values.FirstOrDefault(value => !CommandArguments.IsNumber(value)) is { } bad =>
            $"argument {known.Name}: invalid int value: '{bad}'",
        _ => "",
    };

    private bool IsValue(string word) => word != "--" && OptionWord.Read(word, Names, out var unknown) is { Name: null } && unknown is null;
}
