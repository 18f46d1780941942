namespace Servo.Domain.Runs;

/// <summary>The names of states in answers and requests: lower case with hyphens.</summary>
public static class RunStateNames
{
    private static readonly Dictionary<RunState, string> _names = Enum.GetValues<RunState>().ToDictionary(state => state, state => state switch
    {
        RunState.TimedOut => "timed-out",
        _ => state.ToString().ToLowerInvariant(),
    });

    /// <summary>All names, in the order of a run's life.</summary>
    public static IEnumerable<string> All => _names.OrderBy(pair => pair.Key).Select(pair => pair.Value);

    /// <summary>The name of a state.</summary>
    public static string Name(this RunState state) => _names[state];

    /// <summary>Reads a name.</summary>
    public static bool TryParse(string? name, out RunState state)
    {
        foreach (var (known, text) in _names)
        {
            if (text == name)
            {
                state = known;
                return true;
            }
        }

        state = default;
        return false;
    }
}
