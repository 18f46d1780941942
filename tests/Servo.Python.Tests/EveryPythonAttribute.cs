using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace Servo.Python.Tests;

/// <summary>Runs a theory once with the version of each Python of this machine.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class EveryPythonAttribute : DataAttribute
{
    public override async ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        [.. (await Pythons.OnThisMachine).Keys.Select(version => new TheoryDataRow(version))];

    public override bool SupportsDiscoveryEnumeration() => true;
}
