namespace Servo.Application.Scripts;

/// <summary>What is out of a script's reach.</summary>
public enum ScriptSandbox
{
    /// <summary>Other runs, the gateway's own files and every process that is not the script's own.</summary>
    Neighbours,

    /// <summary>
    /// Also every file that is neither the run's own, nor the system's, nor <see cref="ScriptOptions.Readable"/> or <see cref="ScriptOptions.Writable"/>;
    /// every TCP port that is not <see cref="ScriptOptions.Connect"/>; and the kernel's calls that no deployment needs.
    /// </summary>
    Strict,

    /// <summary>
    /// Also every process, shared memory and host name that is not the run's, by namespaces of its own; it has a <c>/tmp</c> of its own, too. Needs bubblewrap.
    /// </summary>
    Bubblewrap,

    /// <summary>Nothing.</summary>
    None,
}
