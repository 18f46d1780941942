using Servo.Application.Scripts;
using Servo.Infrastructure.Sandboxing;

namespace Servo.Infrastructure.Scripts;

/// <summary>What cannot be done here of <see cref="ScriptOptions.Sandbox"/>: where something is set that cannot be done, nothing starts.</summary>
public static class SandboxProblems
{
    /// <summary>What cannot be done, in a sentence that begins with a key; for bubblewrap this is tried. Call it once, at the start.</summary>
    public static IEnumerable<string> Of(ScriptOptions options) =>
        Of(options, Landlock.Version) is { } problem ? [problem]
        : options.Sandbox == ScriptSandbox.Bubblewrap && BubblewrapOf(options).WhyNot() is { } why
            ? [$"{ScriptOptions.SandboxKey} is {nameof(ScriptSandbox.Bubblewrap)}, which cannot be done here ({why}): "
                + $"allow namespaces to the gateway's user, or set {nameof(ScriptSandbox.Strict)}."]
        : [];

    /// <summary>Bubblewrap as the settings ask for it; <see cref="Of(ScriptOptions, int)"/> must have found no problem.</summary>
    internal static Bubblewrap BubblewrapOf(ScriptOptions options) => new(Programs.Find(Bubblewrap.Name)!, options.Network);

    /// <summary>The first thing that a kernel with this version of Landlock cannot do; <see langword="null"/> where it can do all.</summary>
    internal static string? Of(ScriptOptions options, int version) => options.Sandbox switch
    {
        ScriptSandbox.Neighbours when version < Landlock.LeastVersion =>
            $"{ScriptOptions.SandboxKey} is {options.Sandbox}, which this kernel cannot do (Landlock {Landlock.LeastVersion}, Linux 5.19): "
            + $"allow its system calls, or set {nameof(ScriptSandbox.None)}.",
        ScriptSandbox.Strict when version < Landlock.Scopes =>
            $"{ScriptOptions.SandboxKey} is {options.Sandbox}, which this kernel cannot do (Landlock {Landlock.Scopes}, Linux 6.12; here {version}): "
            + $"allow its system calls, or set {nameof(ScriptSandbox.Neighbours)}.",
        ScriptSandbox.Bubblewrap when options.Network && version < Landlock.Scopes =>
            $"{ScriptOptions.SandboxKey} is {options.Sandbox}, which this kernel can do only without a network "
            + $"(else it needs Landlock {Landlock.Scopes}, Linux 6.12; here {version}): "
            + $"set {ScriptOptions.NetworkKey} to false, or {nameof(ScriptSandbox.Neighbours)}.",
        ScriptSandbox.Strict or ScriptSandbox.Bubblewrap when !CallFilter.IsAvailable =>
            $"{ScriptOptions.SandboxKey} is {options.Sandbox}, which needs filters of system calls (seccomp) "
            + $"on x86-64 or arm64: set {nameof(ScriptSandbox.Neighbours)}.",
        ScriptSandbox.Bubblewrap when Programs.Find(Bubblewrap.Name) is null =>
            $"{ScriptOptions.SandboxKey} is {options.Sandbox}, which needs the program '{Bubblewrap.Name}': "
            + $"install bubblewrap, or set {nameof(ScriptSandbox.Strict)}.",
        _ => null,
    };
}
