namespace Servo.Application.Scripts;

/// <summary>What is out of a script's reach.</summary>
public enum ScriptSandbox
{
    /// <summary>Other runs, the gateway's own files and every process that is not the script's own.</summary>
    Neighbours,

    /// <summary>Nothing.</summary>
    None,
}
