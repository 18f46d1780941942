using System.Globalization;

namespace Servo.Infrastructure.Scripts;

/// <summary>How a fork server is started: warm, so that scripts are forked from it as well, or cold.</summary>
internal sealed record ForkServerStart
{
    private readonly string[] _options;
    private readonly string _program;
    private readonly string[] _modules;

    private ForkServerStart(string[] options, string program, string[] modules, IReadOnlyDictionary<string, string> environment) =>
        (_options, _program, _modules, Environment) = (options, program, modules, environment);

    /// <summary>The variables of the host's own interpreters, and the first ones of every script.</summary>
    public static IReadOnlyDictionary<string, string> BaseEnvironment { get; } = new Dictionary<string, string>
    {
        ["PATH"] = Programs.SearchPath,
        ["LANG"] = "C.UTF-8",
    };

    /// <summary>Whether scripts are forked from it.</summary>
    public bool IsWarm => Output is not null;

    /// <summary>Its only variables.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>The file that takes what a warm one prints at its start, which no script would print; <see langword="null"/> for a cold one.</summary>
    public string? Output { get; private init; }

    /// <summary>Counts the start of a script; the reason is that of a cold start from a warm interpreter.</summary>
    public required Action<string?> Count { get; init; }

    // -E and -S: the supervisor itself must not depend on what an operator put into PYTHON* variables or site-packages.
    public static ForkServerStart Cold(string program, string reason, ScriptTelemetry telemetry) =>
        new(["-B", "-E", "-S"], program, [], BaseEnvironment) { Count = _ => telemetry.Started(reason) };

    /// <summary>Started as a script is, and with a home that is not there: each script has its own.</summary>
    public static ForkServerStart Warm(
        string program, string output, IEnumerable<string> modules, IReadOnlyDictionary<string, string> environment, ScriptTelemetry telemetry) =>
        new([], program, [.. modules], new Dictionary<string, string>(environment) { ["HOME"] = "/nonexistent" })
        {
            Output = output,
            Count = telemetry.Started,
        };

    /// <summary>What the interpreter is given.</summary>
    public string[] Arguments(string processors) =>
        [.. _options, _program, System.Environment.ProcessId.ToString(CultureInfo.InvariantCulture), processors, .. _modules];
}
