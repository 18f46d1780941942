using Servo.Application.Scripts;

namespace Servo.Testing;

/// <summary>Compares how scripts ended.</summary>
public static class ScriptExits
{
    /// <summary>The same without what the script used, which differs from run to run.</summary>
    public static ScriptExit WithoutUsage(this ScriptExit exit) => exit with { Usage = null };
}
