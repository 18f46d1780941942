using Servo.Application.Scripts;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Sandboxing;

/// <summary>Who attacks, how a script was started, and what has to come of it.</summary>
internal static class Attackers
{
    /// <summary>What the kernel says where the sandbox denies.</summary>
    private static readonly string[] _denials = ["Permission denied", "Operation not permitted", "cross-device link"];

    /// <summary>Every attacker, warm and cold.</summary>
    public static TheoryData<string, bool> All => [.. from attacker in (string[])["python", "shell", "daemon", "static"] from warm in (bool[])[true, false] select (attacker, warm)];

    /// <summary>Carries out the attacks in a sandbox, where each of them is denied by the kernel and not for any other reason.</summary>
    public static async Task ShouldAllBeDeniedAsync(string by, bool warm, Func<Neighbourhood, IEnumerable<Attack>> attacks)
    {
        await using var neighbourhood = await Neighbourhood.StartAsync(warm);

        var outcomes = await neighbourhood.AttackAsync(by, attacks(neighbourhood));

        outcomes.ShouldNotBeEmpty();
        outcomes.ShouldAllBe(outcome => outcome.Contains(": denied") && _denials.Any(outcome.EndsWith) || outcome.EndsWith(": denied", StringComparison.Ordinal) && by == "shell");
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
