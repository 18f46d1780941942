using Microsoft.Win32.SafeHandles;

namespace Servo.Infrastructure.Sandboxing;

/// <summary>What a script's process enters before its first instruction.</summary>
/// <param name="Ruleset">Landlock's rules, if there are any.</param>
/// <param name="CallFilter">A filter of system calls, which all scripts have in common, if there is one.</param>
/// <param name="Bubblewrap">The program that makes namespaces for the script, and starts it, if one does.</param>
/// <param name="IsOfOneScript">Whether the rules were made for this script alone.</param>
internal sealed record Sandbox(SafeFileHandle? Ruleset, SafeFileHandle? CallFilter, BubblewrapStart? Bubblewrap = null, bool IsOfOneScript = false) : IDisposable
{
    /// <summary>The cgroup that it enters first, if its run has one.</summary>
    public CgroupEntrance? Cgroup { get; init; }

    /// <summary>A sandbox, if there is any, in a cgroup, if there is any.</summary>
    public static Sandbox? In(CgroupEntrance? cgroup, Sandbox? sandbox) =>
        cgroup is null ? sandbox : (sandbox ?? new Sandbox(Ruleset: null, CallFilter: null)) with { Cgroup = cgroup };

    /// <summary>What the supervisor is handed, each by its verb.</summary>
    public IEnumerable<(char Verb, SafeFileHandle Descriptor)> Parts
    {
        get
        {
            if (Cgroup is not null)
                yield return ('g', Cgroup.Processes);

            if (Ruleset is not null)
                yield return ('s', Ruleset);

            if (CallFilter is not null)
                yield return ('c', CallFilter);
            else if (Ruleset is not null && Bubblewrap is null && Cgroup is not null)
                yield return ('n', Cgroup.CallFilter);

            if (Bubblewrap is not null)
                yield return ('b', Bubblewrap.CallFilter);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (IsOfOneScript)
            Ruleset?.Dispose();

        Bubblewrap?.Dispose();
    }
}
