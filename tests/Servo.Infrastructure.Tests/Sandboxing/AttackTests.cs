using Servo.Application.Scripts;

namespace Servo.Infrastructure.Tests.Sandboxing;

/// <summary>The attacks on one asset: in a sandbox all are denied, whoever tries; without one all work, so that they are known to be attacks.</summary>
public abstract class AttackTests
{
    // What the stricter level adds is not new for what both protect: there each attacker has one start.
    public static TheoryData<string, bool, ScriptSandbox> Attacker =>
        [
            .. Attackers.At(ScriptSandbox.Neighbours),
            .. Attackers.At(ScriptSandbox.Strict).Where(attacker => attacker.Warm == attacker.By is "python" or "static"),
            .. Attackers.At(ScriptSandbox.Bubblewrap).Where(attacker => !attacker.Warm),
        ];

    private protected abstract IEnumerable<Attack> Attacks(Neighbourhood there);

    [Theory]
    [MemberData(nameof(Attacker))]
    public Task Is_out_of_reach(string by, bool warm, ScriptSandbox level) => Attackers.ShouldAllBeDeniedAsync(by, warm, level, Attacks);

    [Theory]
    [InlineData("python")]
    [InlineData("shell")]
    [InlineData("daemon")]
    [InlineData("static")]
    public Task Is_in_reach_without_a_sandbox(string by) => Attackers.ShouldAllWorkWithoutAsync(by, Attacks);
}
