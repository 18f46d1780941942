using Servo.Application.Scripts;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Sandboxing;

/// <summary>Who attacks, how a script was started, and what has to come of it.</summary>
internal static class Attackers
{
    /// <summary>What the kernel says where the sandbox denies.</summary>
    private static readonly string[] _denials = ["Permission denied", "Operation not permitted", "cross-device link"];

    /// <summary>What it says where there is nothing of what is attacked, or the attacked folder is where something is mounted.</summary>
    private static readonly string[] _absences =
        ["No such file or directory", "No such process", "Read-only file system", "Device or resource busy", "Address already in use", "nonexistent"];

    private static readonly string[] _all = ["python", "shell", "daemon", "static"];

    /// <summary>Every attacker, warm and cold, at a level.</summary>
    public static IEnumerable<(string By, bool Warm, ScriptSandbox Level)> At(ScriptSandbox level) =>
        from attacker in _all from warm in (bool[])[true, false] select (attacker, warm, level);

    /// <summary>Carries out the attacks in a sandbox, where each of them is denied by the kernel and not for any other reason.</summary>
    public static async Task ShouldAllBeDeniedAsync(string by, bool warm, ScriptSandbox level, Func<Neighbourhood, IEnumerable<Attack>> attacks)
    {
        await using var neighbourhood = await Neighbourhood.StartAsync(warm, level);

        var denials = level == ScriptSandbox.Bubblewrap ? [.. _denials, .. _absences] : _denials;

        var outcomes = await neighbourhood.AttackAsync(by, attacks(neighbourhood).Where(attack => !neighbourhood.IsSeenEmpty(attack)));

        outcomes.ShouldNotBeEmpty();
        outcomes.ShouldAllBe(outcome =>
            outcome.Contains(": denied") && denials.Any(outcome.EndsWith) || outcome.EndsWith(": denied", StringComparison.Ordinal) && by == "shell");
        neighbourhood.IsUnharmed.ShouldBeTrue();
    }

    /// <summary>Carries them out where there is no sandbox: they have to be ones that work.</summary>
    public static async Task ShouldAllWorkWithoutAsync(string by, Func<Neighbourhood, IEnumerable<Attack>> attacks)
    {
        Superuser.Require(); // supervisors and the host are closed to any other user even without a sandbox
        await using var neighbourhood = await Neighbourhood.StartAsync(level: ScriptSandbox.None);

        var outcomes = await neighbourhood.AttackAsync(by, attacks(neighbourhood));

        outcomes.ShouldNotBeEmpty();
        outcomes.ShouldAllBe(outcome => outcome.EndsWith(": done"));
    }
}
