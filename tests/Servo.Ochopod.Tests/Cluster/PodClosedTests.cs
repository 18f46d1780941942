using System.Text.RegularExpressions;
using Servo.AspNetCore.Refusals;
using Servo.Domain;
using Servo.Ochopod.Cluster;
using Servo.Testing;

namespace Servo.Ochopod.Tests.Cluster;

public sealed partial class PodClosedTests
{
    [Fact]
    public void The_contract_lists_both_kinds_with_their_status() =>
        Row().Matches(File.ReadAllText(Path.Join(Repository.Root, "docs/http.md"))).Select(row => row.Value)
            .ShouldBe([RowOf(PodClosed.Off), RowOf(PodClosed.Killed)], ignoreOrder: true);

    private static string RowOf(Refusal refusal) => $"| `{refusal.Kind}` | {RefusalStatus.StatusOf(refusal)} |";

    [GeneratedRegex(@"^\| `pod-[a-z-]+` \| \d{3} \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
