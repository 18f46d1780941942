using Servo.Application.Settings;

namespace Servo.Application.Scripts;

/// <summary>How scripts are run.</summary>
public sealed class ScriptOptions
{
    /// <summary>Its section of the configuration.</summary>
    public const string Section = GatewayOptions.Section + ":Scripts";

    /// <summary>The key of <see cref="Python"/>.</summary>
    public const string PythonKey = Section + ":" + nameof(Python);

    /// <summary>The key of <see cref="Timeout"/>.</summary>
    public const string TimeoutKey = Section + ":" + nameof(Timeout);

    /// <summary>The interpreter: a path, or a name that is looked up in PATH.</summary>
    /// <value>Default <c>python3</c>.</value>
    [NotEmpty]
    public string Python { get; set; } = "python3";

    /// <summary>How long all scripts of a run may take together.</summary>
    /// <value>From one millisecond to 24 days; default 1 hour.</value>
    [TimeLimit]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromHours(1);
}
