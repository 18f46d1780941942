namespace Servo.Infrastructure.Tests.Sandboxing;

/// <summary>The attacks on one asset: in a sandbox all are denied, whoever tries; without one all work, so that they are known to be attacks.</summary>
public abstract class AttackTests
{
    public static TheoryData<string, bool> Attacker => Attackers.All;

    private protected abstract IEnumerable<Attack> Attacks(Neighbourhood there);

    [Theory]
    [MemberData(nameof(Attacker))]
    public Task Is_out_of_reach(string by, bool warm) => Attackers.ShouldAllBeDeniedAsync(by, warm, Attacks);

    [Theory]
    [InlineData("python")]
    [InlineData("shell")]
    [InlineData("daemon")]
    [InlineData("static")]
    public Task Is_in_reach_without_a_sandbox(string by) => Attackers.ShouldAllWorkWithoutAsync(by, Attacks);
}
