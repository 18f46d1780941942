namespace Servo.Client.Runs;

/// <summary>The validated arguments of a call, independent of later changes to the caller's options.</summary>
internal sealed record RunArguments(
    Bundle Bundle,
    ScriptNames Scripts,
    IReadOnlyList<KeyValuePair<string, string>> Variables,
    TimeSpan Timeout,
    bool KeepLines,
    bool CheckScripts)
{
    /// <summary>Throws <see cref="ArgumentException"/> for arguments that cannot be sent.</summary>
    public static RunArguments From(Bundle bundle, IEnumerable<string> scripts, RunOptions? options, Gateway gateway)
    {
        Guard.NotNull(bundle, nameof(bundle));
        options ??= new RunOptions();
        options.Validate();

        return new RunArguments(
            bundle,
            ScriptNames.From(scripts),
            VariableHeaders.From(options.Variables, gateway),
            options.Timeout,
            options.KeepLines,
            options.CheckScripts);
    }
}
