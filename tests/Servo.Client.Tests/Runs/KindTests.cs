using System.Reflection;
using Servo.Domain;

namespace Servo.Client.Tests.Runs;

/// <summary>The constants for what a gateway says are what it says.</summary>
public sealed class KindTests
{
    // A run's caller never meets these.
    private static readonly string[] _ofCallbacksAndThePortal = ["unknown-callback", "callback-tag-taken", "callbacks-too-large", "portal-unavailable"];

    [Fact]
    public void Every_kind_of_the_gateway_has_its_constant_and_no_other_has()
    {
        string[] constants = [.. Constants(typeof(FailureKinds)), .. Constants(typeof(RefusalKinds))];

        constants.Except([FailureKinds.Unknown]).Distinct().Order().ShouldBe(KindsOfTheGateway().Except(_ofCallbacksAndThePortal).Order());
    }

    private static IEnumerable<string> Constants(Type type) => type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!);

    private static IEnumerable<string> KindsOfTheGateway() =>
        from type in typeof(Rejection).GetNestedTypes()
        let constructor = type.GetConstructors().Single()
        let values = constructor.GetParameters().Select(parameter => parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType) : null)
        select ((Rejection)constructor.Invoke([.. values])).Kind;
}
