using System.Reflection;
using System.Runtime.Versioning;

namespace Servo.Client.Tests;

public sealed class TargetTests
{
    [Fact]
    public void The_tests_run_against_the_build_that_they_are_for() =>
        typeof(Bundle).Assembly.GetCustomAttribute<TargetFrameworkAttribute>()!.FrameworkName.ShouldBe(
#if CLIENT_OF_NETSTANDARD
            ".NETStandard,Version=v2.0");
#else
            ".NETCoreApp,Version=v10.0");
#endif
}
