using System.Reflection;
using System.Text.RegularExpressions;
using Servo.Domain;
using Servo.Testing;

namespace Servo.Client.Tests.Runs;

/// <summary>The constants for what a gateway says are what it says.</summary>
public sealed partial class KindTests
{
    // A run's caller never meets these.
    private static readonly string[] _ofCallbacksAndThePortal = ["unknown-callback", "callback-tag-taken", "callbacks-too-large", "portal-unavailable"];

    [Fact]
    public void Every_kind_of_the_gateway_has_its_constant_and_no_other_has()
    {
        string[] constants = [.. Constants(typeof(FailureKinds)), .. Constants(typeof(RefusalKinds))];

        constants.Except([FailureKinds.Unknown]).Distinct().Order().ShouldBe(KindsOfTheGateway().Except(_ofCallbacksAndThePortal).Order());
    }

    [Fact]
    public void The_contract_lists_every_kind_of_a_failure()
    {
        var table = FailureTable().Match(File.ReadAllText(Path.Join(Repository.Root, "docs/http.md"))).Groups[1].Value;
        var listed = FirstCell().Matches(table).SelectMany(row => Kind().Matches(row.Value)).Select(kind => kind.Groups[1].Value);

        listed.Order().ShouldBe(Constants(typeof(FailureKinds)).Except([FailureKinds.Unknown]).Order());
    }

    private static IEnumerable<string> Constants(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!);

    private static IEnumerable<string> KindsOfTheGateway() => KindsOfTheDomain().OfType<string>().Concat(KindsOfPods());

    /// <summary>Where whoever makes a refusal gives it its kind, there is none.</summary>
    private static IEnumerable<string?> KindsOfTheDomain() =>
        from type in typeof(Refusal).GetNestedTypes().Concat(typeof(Domain.Runs.RunFailure).GetNestedTypes())
        let constructor = type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Single(one => !IsCopying(one))
        let values = constructor.GetParameters()
            .Select(parameter => parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType) : null)
        let made = constructor.Invoke([.. values])
        select made is Domain.Runs.RunFailure failure ? failure.Kind : ((Refusal)made).Kind;

    /// <summary>The one that each record has besides.</summary>
    private static bool IsCopying(ConstructorInfo constructor) =>
        constructor.GetParameters() is [{ ParameterType: var only }] && only == constructor.DeclaringType;

    private static IEnumerable<string> KindsOfPods() =>
        PodKind().Matches(File.ReadAllText(Path.Join(Repository.Root, "src/Servo.Ochopod/Cluster/PodClosed.cs"))).Select(match => match.Groups[1].Value);

    [GeneratedRegex("""Refusal\.Closed \w+ \{ get; \} = new\(\s*"([^"]+)",""")]
    private static partial Regex PodKind();

    [GeneratedRegex(@"\| `kind` of a failure \| meaning \|\n\| --- \| --- \|\n((?:\|.*\n)+)")]
    private static partial Regex FailureTable();

    [GeneratedRegex(@"^\|[^|]+\|", RegexOptions.Multiline)]
    private static partial Regex FirstCell();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Kind();
}
